"""Where artefacts lie: in a folder of this machine, or in a storage that all machines share, with the folder as cache.

By default the folder is the store. With `MODELS_STORAGE` every artefact is sent there once it is written, its manifest
last, and fetched and verified once per machine by whoever needs it. What is here already is used without asking it.
"""

import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.utils.translation import gettext as _

from classifier.ml.artifact import (
    MANIFEST,
    ArtifactCorrupt,
    ArtifactError,
    open_artifact,
    read_manifest,
    refuse_files_outside,
)

ALIAS = "models"
MANIFESTS = ".manifests"  # of artefacts that are not here as a whole
SUCCESSOR = "~"
TORN, TORN_SECONDS = (".writing", ".fetching"), 24 * 3600.0
PAUSE_SECONDS = 10.0  # after a failure the storage is not asked again: each page would wait until it times out

_away_until = 0.0  # by the monotonic clock


class ArtifactUnreachable(ArtifactError):
    """The storage that machines share does not answer now: what needs it is tried again later."""


def models_folder() -> Path:
    return Path(settings.CASELOOP_HOME) / "models"


def here(folder: str) -> Path:
    """Where the artefact stands on this machine, fetched or not."""
    return models_folder() / folder


def succeeding(folder: str) -> str:
    """The name of the artefact that takes this one's place: `name`, then `name~1`, `name~2`."""
    name, _mark, number = folder.partition(SUCCESSOR)
    return f"{name}{SUCCESSOR}{int(number or 0) + 1}"


def succeeded(folder: str) -> list[str]:
    """The artefacts whose place this one took, the latest first."""
    name, _mark, number = folder.partition(SUCCESSOR)
    earlier = [f"{name}{SUCCESSOR}{one}" for one in range(int(number or 0) - 1, 0, -1)]
    return [*earlier, name] if number else []


def shared() -> Storage | None:
    """The storage that machines share; None where the folder of this machine is the store."""
    return storages[ALIAS] if ALIAS in settings.STORAGES else None


def fetched(folder: str) -> Path:
    """The artefact on this machine, whole; fetched and verified where it was not there.

    Raises ArtifactCorrupt and ArtifactUnreachable.

    What the store does not have is not here either: whoever opens it is told so.
    """
    place, storage = here(folder), shared()
    if storage is None or (place / MANIFEST).is_file() or not _holds(storage, folder):
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
    for earlier in succeeded(folder):  # this machine's copies of what held words of erased reports
        shutil.rmtree(here(earlier), ignore_errors=True)
        shutil.rmtree(models_folder() / MANIFESTS / earlier, ignore_errors=True)
    return place


def with_manifest(folder: str) -> Path:
    """A folder of this machine that holds at least the artefact's manifest: what pages need, without the weights.

    Raises ArtifactUnreachable.
    """
    place, storage = here(folder), shared()
    if storage is None or (place / MANIFEST).is_file():
        return place
    kept = models_folder() / MANIFESTS / folder
    if not (kept / MANIFEST).is_file() and _holds(storage, folder):
        _download(storage, folder, MANIFEST, kept)
    return kept


def publish(folder: str) -> None:
    """Send a written artefact to the store that machines share, its manifest last; nothing where there is none.

    Raises ArtifactUnreachable; it is then not kept here either, for whoever tries again makes it anew.
    """
    storage, place = shared(), here(folder)
    if storage is None:
        return
    files = sorted(path for path in place.rglob("*") if path.is_file() and path != place / MANIFEST)
    try:
        for path in (*files, place / MANIFEST):
            with path.open("rb") as stream, _asked():
                name = f"{folder}/{path.relative_to(place).as_posix()}"
                if storage.exists(name):  # of an attempt that ended half-way; some storages would choose another name
                    storage.delete(name)
                storage.save(name, File(stream))
    except ArtifactUnreachable:
        shutil.rmtree(place, ignore_errors=True)
        raise


def remove_torn() -> int:
    """Remove what was being written or fetched when its process was killed, a day ago or more; how many folders."""
    aside = [one for ending in TORN for one in models_folder().glob(f".*{ending}")]
    torn = [one for one in aside if time.time() - one.stat().st_mtime > TORN_SECONDS]
    for one in torn:
        shutil.rmtree(one)
    return len(torn)


def size_of(folder: str) -> int | None:
    """Bytes of the artefact, wherever it is; None where it is gone, or where nobody can say at the moment."""
    place, storage = here(folder), shared()
    if storage is None or (place / MANIFEST).is_file():
        return sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) if place.is_dir() else None
    try:
        return _size_in(storage, folder)
    except ArtifactError:
        return None


@cache  # an artefact is never changed, and a storage far away is asked for each file
def _size_in(storage: Storage, folder: str) -> int:
    names = (MANIFEST, *read_manifest(with_manifest(folder)).files)
    with _asked():
        return sum(storage.size(f"{folder}/{name}") for name in names)


def remove(folder: str) -> None:
    """Remove an artefact here and in the store, the manifest first, so that no half of it is ever read.

    Raises ArtifactUnreachable, and OSError; calling it again, also on another machine, removes the rest.
    """
    place, storage = here(folder), shared()
    if storage is not None:
        with _asked():
            for name in (f"{folder}/{MANIFEST}", *_stored(storage, folder)):
                storage.delete(name)
        shutil.rmtree(models_folder() / MANIFESTS / folder, ignore_errors=True)
    (place / MANIFEST).unlink(missing_ok=True)
    if place.exists():
        shutil.rmtree(place)


def _stored(storage: Storage, folder: str) -> list[str]:
    """What is left of an artefact in the store, by listing: its manifest may be gone already."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:  # of a storage that has folders of its own
        return []
    deeper = [name for inner in folders for name in _stored(storage, f"{folder}/{inner}")]
    return [*(f"{folder}/{name}" for name in files), *deeper]


def _download(storage: Storage, folder: str, name: str, into: Path) -> None:
    target = into / name
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    with aside.open("wb") as stream:
        for part in _parts(storage, f"{folder}/{name}"):
            stream.write(part)
    aside.rename(target)


def _parts(storage: Storage, name: str) -> Iterator[bytes]:
    with _asked():
        try:
            with storage.open(name, "rb") as source:
                yield from source.chunks()
        except FileNotFoundError as error:
            raise ArtifactCorrupt(f"the storage of models lacks {name}; restore it from a backup") from error


def _holds(storage: Storage, folder: str) -> bool:
    with _asked():
        return storage.exists(f"{folder}/{MANIFEST}")


@contextmanager
def _asked() -> Iterator[None]:
    """Around whatever asks the storage: each kind of storage has errors of its own for not being there."""
    global _away_until
    if time.monotonic() < _away_until:
        raise ArtifactUnreachable(_unreachable())
    try:
        yield
    except ArtifactError:
        raise
    except Exception as error:
        _away_until = time.monotonic() + PAUSE_SECONDS
        raise ArtifactUnreachable(f"{_unreachable()} ({type(error).__name__})") from error


def _unreachable() -> str:
    return _(
        "The storage of models (MODELS_STORAGE) does not answer at the moment. Nothing is lost: models that workers"
        " have read go on, and what needs another file is tried again by itself. See whether the storage runs, and"
        " whether its address and keys are right."
    )
