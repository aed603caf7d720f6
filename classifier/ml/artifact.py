"""Artefacts: a folder with a manifest, written aside, synced, renamed into place, verified when opened."""

import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from classifier.ml.files import is_plain_name, sha256_of, sync
from classifier.ml.taxonomy import LabelPath

CLASSIFIER, ANOMALY, DETECTOR = "classifier", "anomaly", "detector"
# What is read of each kind, and last what is written. A classifier's 2: label sets, category level, options of the
# text features; 3: T5 weighs as far as it has read, in its calibration and in service, and models of format 2 go on as
# they were measured. Anomaly sets bore the number 2 for a while; nothing about them had changed.
FORMATS = {CLASSIFIER: (2, 3), ANOMALY: (2, 1), DETECTOR: (1,)}
MANIFEST = "manifest.json"


class ArtifactError(Exception):
    """An artefact cannot be used; the message says why and what to do."""


class ArtifactUnusable(ArtifactError):
    """It is of no use as it is: waiting does not help."""


class ArtifactMissing(ArtifactUnusable):
    """There is no artefact at the given place."""


class ArtifactIncompatible(ArtifactUnusable):
    """The artefact is whole, but of a format or kind that this code does not read."""


class ArtifactCorrupt(ArtifactUnusable):
    """The artefact's files are not those that its manifest lists."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an artefact says about itself. `files` maps relative POSIX names to sha256 hex digests.

    `files` and `format_version` are filled in when it is written.
    """

    kind: str
    paths: tuple[LabelPath, ...]
    base_model: str
    dataset_hash: str
    code_version: str
    metrics: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    format_version: int = 0

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "paths": [path.to_json() for path in self.paths]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Manifest":
        return cls(**{**data, "paths": tuple(map(LabelPath.from_json, data["paths"]))})


def write_artifact(folder: Path, manifest: Manifest, write: Callable[[Path], None]) -> Manifest:
    """Calls `write` with an empty folder beside `folder`, adds the manifest, syncs, renames to `folder`.

    Either the whole artefact is there afterwards or nothing is. FileExistsError if `folder` exists: nothing
    is ever overwritten. Returns the manifest with format and digests filled in.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} exists already; artefacts are never overwritten: choose a new name")
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.parent / f".{folder.name}.{uuid.uuid4().hex}.writing"
    aside.mkdir()
    try:
        write(aside)
        complete = replace(manifest, files=_digests(aside), format_version=FORMATS[manifest.kind][-1])
        text = json.dumps(complete.to_json(), ensure_ascii=False, indent=1)
        (aside / MANIFEST).write_text(text, "utf-8")
        _sync_tree(aside)
        aside.rename(folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return complete


def read_manifest(folder: Path) -> Manifest:
    """The manifest alone, without verifying the files (for listings)."""
    path = folder / MANIFEST
    if not path.is_file():
        raise ArtifactMissing(f"no model at {folder}: {MANIFEST} is not there; train or restore the version")
    try:
        data = json.loads(path.read_text("utf-8"))
        kind, version = data["kind"], data["format_version"]
        readable = FORMATS.get(kind, ())
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactCorrupt(f"{path} is not a readable manifest; restore it from a backup") from error
    if not readable:
        raise ArtifactIncompatible(f"{folder} is an artefact of an unknown kind, {kind!r}")
    if version not in readable:
        ours = " and ".join(map(str, readable))
        raise ArtifactIncompatible(f"{folder} has format {version}, this code reads {ours}; train the version again")
    try:
        return Manifest.from_json(data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactCorrupt(f"{path} lacks or mangles a field; restore it from a backup") from error


def open_artifact(folder: Path, kind: str) -> Manifest:
    """The manifest, after checking that the folder holds exactly the listed files with the listed digests.

    An unlisted file is an error too: libraries that read a whole folder must not find anything added later.
    """
    manifest = read_manifest(folder)
    if manifest.kind != kind:
        raise ArtifactIncompatible(f"{folder} is an artefact of kind {manifest.kind!r}, not {kind!r}")
    refuse_files_outside(folder, manifest)
    if _digests(folder) != manifest.files:
        raise ArtifactCorrupt(
            f"the files of {folder} are not those its manifest lists; restore the version from a backup"
        )
    return manifest


def refuse_files_outside(folder: Path | str, manifest: Manifest) -> None:
    """Raises ArtifactCorrupt where a listed file would stand outside of the folder."""
    for name in manifest.files:
        if not is_plain_name(name):
            raise ArtifactCorrupt(f"the manifest of {folder} names a file outside of it: {name!r}")


def _digests(folder: Path) -> dict[str, str]:
    """Digest by relative name of all files below `folder` but the manifest. Links are refused."""
    result = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise ArtifactCorrupt(f"{path} is a link; an artefact holds plain files only")
        if path.is_file() and path != folder / MANIFEST:
            result[path.relative_to(folder).as_posix()] = sha256_of(path)
    return result


def _sync_tree(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        sync(path)
