"""Models in memory: loaded once per process, the champion swapped when another is promoted."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from classifier import store
from classifier.ml.artifact import ArtifactError, ArtifactIncompatible, ArtifactUnusable
from classifier.ml.hybrid import HybridModel
from classifier.ml.taxonomy import LabelPath
from classifier.ml.taxonomy_map import Reading
from classifier.models import ModelVersion
from classifier.models.version import CLASSIFY, DETECT
from incidents.models import Path, TaxonomyVersion

LINES = (CLASSIFY, DETECT)  # whose models read texts and are loaded here
KEPT = 1  # beside the champions: whose anomaly set still serves while the next is built, or who is to be explained


@dataclass(frozen=True)
class _Loaded:
    model: HybridModel
    int8: bool


@dataclass(frozen=True)
class Present:
    """A model as it serves today: the numbers of the paths that it now decides among, and of their taxonomy version."""

    model: HybridModel
    path_ids: list[int]
    taxonomy: int | None


_loaded: OrderedDict[str, _Loaded] = OrderedDict()
_lock = threading.Lock()


def load(version: ModelVersion) -> HybridModel:
    """The version's model in the taxonomy of today; see `present`. Raises ArtifactError."""
    return present(version).model


def present(version: ModelVersion) -> Present:
    """The version's model in the taxonomy of today: of merged labels the probabilities add up, what lay on retired
    ones is shared out, names are those of today. Raises ArtifactError, also where all of its labels were retired.
    """
    taxonomy = TaxonomyVersion.objects.order_by("-pk").values_list("pk", flat=True).first()
    return translated(load_own(version), version.snapshot.path_ids, taxonomy)


def translated(
    model: HybridModel, path_ids: list[int], taxonomy: int | None = None, reading: Reading | None = None
) -> Present:
    """A model over the paths of these numbers, read by `reading`, by default that of today. Shares the experts."""
    reading = reading or Path.objects.reading()
    found, order = reading.map_of(path_ids), reading.ids(path_ids)
    if path_ids and not order:
        raise ArtifactIncompatible("every label that this version knows was retired: train a new one")
    rows = Path.objects.with_names().in_bulk(order)
    paths = tuple(LabelPath(rows[pk].category_names, rows[pk].sub_category_name) for pk in order)
    if paths and (found or paths != model.taxonomy.paths):
        model = model.in_taxonomy(paths, found)
    return Present(model, order, taxonomy)


def load_own(version: ModelVersion) -> HybridModel:
    """The version's model as it was trained; read and verified on first use in this process. Raises ArtifactError.

    The int8 variant where that is to be served; a version is never held in both forms.
    """
    int8 = version.serves_int8
    with _lock:
        if version.folder in _loaded and _loaded[version.folder].int8 != int8:
            del _loaded[version.folder]
        if version.folder not in _loaded:
            for earlier in store.succeeded(version.folder):  # it held words of reports that are erased by now
                _loaded.pop(earlier, None)
            _loaded[version.folder] = _Loaded(_verified(version, int8=int8), int8)
            _make_room(version.folder)
        _loaded.move_to_end(version.folder)
        return _loaded[version.folder].model


def _verified(version: ModelVersion, *, int8: bool) -> HybridModel:
    """Its model, from files that are what the manifest says. What pages cannot find out at their pace is told here."""
    try:
        model = HybridModel.load(version.artefact, int8=int8)
    except ArtifactUnusable as error:
        version.note_load(str(error))
        raise
    version.note_load("")
    return model


def _make_room(just_loaded: str) -> None:
    """Let go of what nobody has asked for the longest; not of champions, the shadow, and what was just loaded."""
    at_work = {version.folder for version in (*champions(), ModelVersion.objects.shadow()) if version}
    if len(_loaded) > len(at_work) + KEPT:
        del _loaded[next(folder for folder in _loaded if folder not in at_work | {just_loaded})]


def champion() -> ModelVersion | None:
    return ModelVersion.objects.select_related("snapshot").champion()


def champions() -> list[ModelVersion]:
    """Those of all lines whose models read texts, that of the reports first."""
    in_charge = ModelVersion.objects.filter(line__in=LINES, stage=ModelVersion.Stage.CHAMPION)
    return sorted(in_charge, key=lambda version: LINES.index(version.line))


def warm() -> str:
    """Load the champions before the first report comes, and run each once; their names, or "" where there is none.

    Raises the first error once all were tried, so that one that cannot be read keeps no other from being warm.
    """
    errors: list[ArtifactError] = []
    for version in champions():
        try:
            load(version).classify_batch(["warm-up"])
        except ArtifactError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return ", ".join(version.name for version in champions())
