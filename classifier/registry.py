"""Models in memory: loaded once per process, the champion swapped when another is promoted."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from classifier.ml.artifact import ArtifactError
from classifier.ml.hybrid import HybridModel
from classifier.models import ModelVersion
from classifier.models.version import CLASSIFY, DETECT

LINES = (CLASSIFY, DETECT)  # whose models read texts and are loaded here
KEPT = 1  # beside the champions: whose anomaly set still serves while the next is built, or who is to be explained


@dataclass(frozen=True)
class _Loaded:
    model: HybridModel
    int8: bool


_loaded: OrderedDict[str, _Loaded] = OrderedDict()
_lock = threading.Lock()


def load(version: ModelVersion) -> HybridModel:
    """The version's model; read and verified on first use in this process. Raises ArtifactError.

    The int8 variant where that is to be served; a version is never held in both forms.
    """
    int8 = version.serves_int8
    with _lock:
        if version.folder in _loaded and _loaded[version.folder].int8 != int8:
            del _loaded[version.folder]
        if version.folder not in _loaded:
            _loaded[version.folder] = _Loaded(HybridModel.load(version.artefact, int8=int8), int8)
            _make_room(version.folder)
        _loaded.move_to_end(version.folder)
        return _loaded[version.folder].model


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
