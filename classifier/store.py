"""Where artefacts lie: in a folder of this machine, or in a storage that all machines share, with the folder as cache.

By default the folder is the store. With `MODELS_STORAGE` every artefact is sent there once it is written, its manifest
last, and fetched and verified once per machine by whoever needs it.
"""

import shutil
import uuid
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages

from classifier.ml.artifact import MANIFEST, open_artifact, read_manifest, refuse_files_outside

ALIAS = "models"
MANIFESTS = ".manifests"  # of artefacts that are not here as a whole


def models_folder() -> Path:
    return Path(settings.CASELOOP_HOME) / "models"


def here(folder: str) -> Path:
    """Where the artefact stands on this machine, fetched or not."""
    return models_folder() / folder


def shared() -> Storage | None:
    """The storage that machines share; None where the folder of this machine is the store."""
    return storages[ALIAS] if ALIAS in settings.STORAGES else None


def fetched(folder: str) -> Path:
    """The artefact on this machine, whole; fetched and verified where it was not there. Raises ArtifactCorrupt.

    What the store does not have is not here either: whoever opens it is told so.
    """
    place, storage = here(folder), shared()
    if storage is None or (place / MANIFEST).is_file() or not storage.exists(f"{folder}/{MANIFEST}"):
        return place
    aside = models_folder() / f".{folder}.{uuid.uuid4().hex}.fetching"
    try:
        _download(storage, folder, MANIFEST, aside)
        manifest = read_manifest(aside)
        refuse_files_outside(folder, manifest)
        for name in manifest.files:
            _download(storage, folder, name, aside)
        open_artifact(aside, manifest.kind)
        with suppress(OSError):  # another process of this machine was faster
            aside.rename(place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return place


def with_manifest(folder: str) -> Path:
    """A folder of this machine that holds at least the artefact's manifest: what pages need, without the weights."""
    place, storage = here(folder), shared()
    if storage is None or (place / MANIFEST).is_file():
        return place
    kept = models_folder() / MANIFESTS / folder
    if not (kept / MANIFEST).is_file() and storage.exists(f"{folder}/{MANIFEST}"):
        _download(storage, folder, MANIFEST, kept)
    return kept


def publish(folder: str) -> None:
    """Send a written artefact to the store that machines share, its manifest last; nothing where there is none."""
    storage, place = shared(), here(folder)
    if storage is None:
        return
    files = sorted(path for path in place.rglob("*") if path.is_file() and path != place / MANIFEST)
    for path in (*files, place / MANIFEST):
        with path.open("rb") as stream:
            name = f"{folder}/{path.relative_to(place).as_posix()}"
            if storage.exists(name):  # of an attempt that ended half-way; some storages would choose another name
                storage.delete(name)
            storage.save(name, File(stream))


def remove(folder: str) -> None:
    """Remove an artefact here and in the store, the manifest first, so that no half of it is ever read."""
    place, storage = here(folder), shared()
    names = [f"{folder}/{name}" for name in _names(with_manifest(folder))]
    if storage is not None:
        for name in (f"{folder}/{MANIFEST}", *names):
            storage.delete(name)
        shutil.rmtree(models_folder() / MANIFESTS / folder, ignore_errors=True)
    (place / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)


def _names(place: Path) -> list[str]:
    return sorted(read_manifest(place).files) if (place / MANIFEST).is_file() else []


def _download(storage: Storage, folder: str, name: str, into: Path) -> None:
    target = into / name
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    with storage.open(f"{folder}/{name}", "rb") as source, aside.open("wb") as stream:
        shutil.copyfileobj(source, stream)
    aside.rename(target)
