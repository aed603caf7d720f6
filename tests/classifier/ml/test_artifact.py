import json
from pathlib import Path

import pytest

from classifier.ml.artifact import (
    ANOMALY,
    CLASSIFIER,
    FORMATS,
    ArtifactCorrupt,
    ArtifactIncompatible,
    ArtifactMissing,
    Manifest,
    open_artifact,
    read_manifest,
    write_artifact,
)
from tests.classifier.ml.conftest import PATHS

MANIFEST = Manifest(CLASSIFIER, PATHS, "none", "data", "code", {"n": 1})


def content(folder: Path) -> None:
    (folder / "part").mkdir()
    (folder / "part" / "one.json").write_text("{}", "utf-8")
    (folder / "two.npz").write_bytes(b"two")


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    write_artifact(tmp_path / "model", MANIFEST, content)
    return tmp_path / "model"


def change_manifest(artifact: Path, **fields: object) -> None:
    path = artifact / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields), "utf-8")


def test_what_was_written_is_read_back(artifact):
    manifest = open_artifact(artifact, CLASSIFIER)
    assert set(manifest.files) == {"part/one.json", "two.npz"}
    assert (manifest.paths, manifest.metrics) == (PATHS, {"n": 1})
    assert [path.name for path in artifact.parent.iterdir()] == ["model"]


def test_a_failed_write_leaves_nothing_behind(tmp_path):
    def fail(folder: Path) -> None:
        content(folder)
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        write_artifact(tmp_path / "model", MANIFEST, fail)
    assert list(tmp_path.iterdir()) == []


def test_an_artefact_is_never_overwritten(artifact):
    with pytest.raises(FileExistsError, match="never overwritten"):
        write_artifact(artifact, MANIFEST, content)


def test_a_missing_artefact_is_named(tmp_path):
    with pytest.raises(ArtifactMissing, match="no model"):
        read_manifest(tmp_path / "nothing")


def test_another_kind_or_format_is_incompatible(artifact):
    with pytest.raises(ArtifactIncompatible, match="of kind 'classifier', not 'anomaly'"):
        open_artifact(artifact, ANOMALY)
    change_manifest(artifact, format_version=99)
    with pytest.raises(ArtifactIncompatible, match="format 99"):
        open_artifact(artifact, CLASSIFIER)


@pytest.mark.parametrize("kind", [["classifier"], "forest", None])
def test_a_kind_that_nobody_knows_is_refused(artifact, kind):
    change_manifest(artifact, kind=kind)
    with pytest.raises((ArtifactIncompatible, ArtifactCorrupt), match=r"unknown kind|not a readable manifest"):
        open_artifact(artifact, CLASSIFIER)


def test_each_kind_has_a_format_of_its_own(artifact):
    assert read_manifest(artifact).format_version == FORMATS[CLASSIFIER][-1]
    change_manifest(artifact, format_version=1)
    with pytest.raises(ArtifactIncompatible, match="format 1, this code reads 2 and 3; train the version again"):
        open_artifact(artifact, CLASSIFIER)


@pytest.mark.parametrize("version", [1, 2])
def test_anomaly_sets_of_before_are_read(artifact, version):
    change_manifest(artifact, kind=ANOMALY, format_version=version)
    assert open_artifact(artifact, ANOMALY).format_version == version


@pytest.mark.parametrize("damage", ["changed", "removed", "added", "linked", "mangled", "fields"])
def test_a_tampered_artefact_is_corrupt(artifact, damage):
    match damage:
        case "changed":
            (artifact / "two.npz").write_bytes(b"owt")
        case "removed":
            (artifact / "two.npz").unlink()
        case "added":
            (artifact / "pytorch_model.bin").write_bytes(b"evil")
        case "linked":
            (artifact / "part" / "link").symlink_to("/etc/passwd")
        case "mangled":
            (artifact / "manifest.json").write_text("{", "utf-8")
        case "fields":
            change_manifest(artifact, paths=[{"categories": []}])
    with pytest.raises(ArtifactCorrupt):
        open_artifact(artifact, CLASSIFIER)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "part/../../outside", "..\\outside"])
def test_no_path_escapes_the_folder(artifact, name):
    change_manifest(artifact, files={name: "00"})
    with pytest.raises(ArtifactCorrupt, match="outside"):
        open_artifact(artifact, CLASSIFIER)
