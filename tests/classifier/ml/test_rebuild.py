"""Whether two artefacts are the same model."""

import json
from pathlib import Path
from typing import Any

import pytest

from classifier.ml.artifact import CLASSIFIER, ArtifactMissing, Manifest, write_artifact
from classifier.ml.rebuild import differences
from classifier.ml.taxonomy import LabelPath


def artefact(folder: Path, seconds: float, weight: float = 0.5, more: dict[str, str] | None = None) -> Path:
    def write(aside: Path) -> None:
        report: dict[str, Any] = {"seconds": {"t5": seconds}, "weight": weight}
        (aside / "hybrid.json").write_text(json.dumps({"weight": weight, "report": report}))
        for name, content in (more or {"linear.txt": "same"}).items():
            (aside / name).write_text(content)

    write_artifact(folder, Manifest(CLASSIFIER, (LabelPath(("Fraud",)),), "none", "hash", "code", {}), write)
    return folder


def test_only_the_time_that_it_took_may_differ(tmp_path: Path) -> None:
    assert differences(artefact(tmp_path / "a", 1.0), artefact(tmp_path / "b", 2.0)) == []


def test_another_weight_or_file_is_told_by_name(tmp_path: Path) -> None:
    one = artefact(tmp_path / "a", 1.0)
    assert differences(one, artefact(tmp_path / "b", 1.0, weight=0.6)) == ["hybrid.json"]
    other = artefact(tmp_path / "c", 1.0, more={"linear.txt": "other", "extra.txt": ""})
    assert differences(one, other) == ["extra.txt", "linear.txt"]


def test_one_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissing):
        differences(artefact(tmp_path / "a", 1.0), tmp_path / "nothing")
