"""Models in memory: loaded once per process, the champion swapped when another is promoted."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from classifier.ml.hybrid import HybridModel
from classifier.models import ModelVersion

KEPT = 2  # the champion, and another: whose anomaly set still serves while the next is built, or who is to be explained


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
            _make_room(version)
        _loaded.move_to_end(version.folder)
        return _loaded[version.folder].model


def _make_room(loaded: ModelVersion) -> None:
    """Let go of what nobody has asked for the longest; of the champion never, and not of what was just loaded."""
    if len(_loaded) > KEPT:
        in_charge = ModelVersion.objects.champion(loaded.line)
        staying = {loaded.folder, in_charge.folder if in_charge else ""}
        del _loaded[next(folder for folder in _loaded if folder not in staying)]


def champion() -> ModelVersion | None:
    return ModelVersion.objects.select_related("snapshot").champion()


def warm() -> str:
    """Load the champion before the first report comes, and run it once; its name, or "" where there is none."""
    version = champion()
    if version is None:
        return ""
    load(version).classify_batch(["warm-up"])
    return version.name
