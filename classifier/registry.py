"""Models in memory: loaded once per process, the champion swapped when another is promoted."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from classifier.ml.hybrid import HybridModel
from classifier.models import ModelVersion

KEPT = 2  # the champion, and the one whose anomaly set still serves while the next is built


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
            while len(_loaded) > KEPT:
                _loaded.popitem(last=False)
        _loaded.move_to_end(version.folder)
        return _loaded[version.folder].model


def champion() -> ModelVersion | None:
    return ModelVersion.objects.select_related("snapshot").champion()


def warm() -> str:
    """Load the champion before the first report comes, and run it once; its name, or "" where there is none."""
    version = champion()
    if version is None:
        return ""
    load(version).classify_batch(["warm-up"])
    return version.name
