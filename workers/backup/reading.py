"""Opens a backup and checks all of it before anything is touched."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workers.backup.manifest import NAME, BackupRefused, Manifest, read

A_READ = 1 << 20
LARGEST_MANIFEST = 64_000_000  # bytes: some 400,000 files


@contextmanager
def opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The backup and what it says of itself; every member was read and is what the manifest says.

    Raises BackupRefused with the reason otherwise.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            _check_names(archive, manifest)
            for name, digest in manifest.files.items():
                _check(archive, name, digest)
            yield archive, manifest
    except FileNotFoundError as error:
        raise BackupRefused(f"{file} is not there.") from error
    except IsADirectoryError as error:
        raise BackupRefused(f"{file} is a folder, not a backup.") from error
    except zipfile.BadZipFile as error:
        raise BackupRefused(f"{file} is damaged or cut off, or no backup.") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        if archive.getinfo(NAME).file_size > LARGEST_MANIFEST:
            raise BackupRefused("its manifest is too large to be one.")
        return read(archive.read(NAME))
    except (KeyError, zlib.error) as error:
        raise BackupRefused("it has no manifest that can be read: the file is damaged, or no backup.") from error


def _check_names(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    names = archive.namelist()
    known = {NAME, *manifest.files}
    if len(names) != len(set(names)):
        raise BackupRefused("it holds a file twice.")
    if wrong := set(names) ^ known:
        found = min(wrong)
        raise BackupRefused(f"it {'lacks' if found in known else 'holds, unannounced,'} {found[:80]!r}.")


def _check(archive: zipfile.ZipFile, name: str, digest: str) -> None:
    hashed = hashlib.sha256()
    try:
        with archive.open(name) as member:
            while piece := member.read(A_READ):
                hashed.update(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BackupRefused(f"{name} in it is damaged.") from error
    if hashed.hexdigest() != digest:
        raise BackupRefused(f"{name} in it is not the file that was backed up.")
