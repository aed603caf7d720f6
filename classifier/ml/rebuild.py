"""Whether two artefacts are the same model: file by file, but for what says when and how fast it was made."""

import json
from pathlib import Path
from typing import Any

from classifier.ml.artifact import read_manifest

STATE = "hybrid.json"


def differences(one: Path, other: Path) -> list[str]:
    """Names of the files that are not the same in both artefacts, or are in one alone; sorted.

    Read from the manifests' digests; of `hybrid.json` the contents count, without the seconds that the training took.
    Raises ArtifactError.
    """
    mine, theirs = read_manifest(one).files, read_manifest(other).files
    unlike = {name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)}
    if STATE in mine and STATE in theirs and _state(one) == _state(other):
        unlike.discard(STATE)
    return sorted(unlike)


def _state(folder: Path) -> dict[str, Any]:
    state: dict[str, Any] = json.loads((folder / STATE).read_text("utf-8"))
    return state | {"report": {key: value for key, value in state["report"].items() if key != "seconds"}}
