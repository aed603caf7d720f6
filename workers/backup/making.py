"""Writes a backup, while the site runs."""

import hashlib
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

import config
from classifier.store import shared
from incidents.services.audit_seal import ForeignHead, seal
from workers.backup import rows
from workers.backup.manifest import FOLDERS, KEY, NAME, ROWS, BackupRefused, Manifest

A_READ = 1 << 20


@dataclass(frozen=True)
class Made:
    """`notes` are sentences for whoever keeps the file."""

    manifest: Manifest
    size: int
    notes: list[str]


def make_backup(file: Path, *, with_key: bool) -> Made:
    """Write everything into `file` (0600), which appears whole or not at all. Raises BackupRefused if it is there.

    First the rows, all of one moment, then the files: what rows name is written before them and never changed, so
    that nothing which a row of that moment names is missing, unless it was erased meanwhile.
    """
    if file.exists():
        raise BackupRefused(f"{file} is there already. Name another file, or move that one away.")
    notes = _sealed()
    aside = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        descriptor = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w+b") as stream:
            manifest = _written(stream, with_key, notes)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(aside, file)  # unlike a rename, it refuses what came there meanwhile
    except FileExistsError as error:
        raise BackupRefused(f"{file} is there already. Name another file, or move that one away.") from error
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()
    return Made(manifest, file.stat().st_size, notes)


def _sealed() -> list[str]:
    try:
        seal()
    except ForeignHead as error:
        return [str(error)]
    return []


def _written(stream: IO[bytes], with_key: bool, notes: list[str]) -> Manifest:
    home, storage = Path(settings.CASELOOP_HOME), shared()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with rows.one_moment():
            manifest = Manifest(
                version=config.__version__,
                created_at=timezone.now().isoformat(timespec="seconds"),
                engine=connection.vendor,
                migrations=_migrations(),
                tables={},
            )
            for name, model in rows.tables(apps).items():
                lines = _Counted(rows.dump(model))
                manifest.files[f"{ROWS}/{name}.jsonl"] = _put(archive, f"{ROWS}/{name}.jsonl", lines)
                manifest.tables[name] = lines.count - 1
        for folder in FOLDERS:
            if folder == "models" and storage:
                manifest.artefacts = type(storage).__name__
                notes.append("Models are not inside: they stay in MODELS_STORAGE, which has to be kept as well.")
            else:
                _put_folder(archive, manifest, home / folder, folder, notes)
        manifest.key = _put_key(archive, manifest, home / KEY, with_key, notes)
        archive.writestr(NAME, manifest.to_json())
    return manifest


def _migrations() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


class _Counted:
    """Lines as bytes, and how many there were."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.count, self._lines = 0, lines

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.count += 1
            yield line.encode()


def _put(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> str:
    """Write a member; its SHA-256. Rows are compressed: weights of models and pictures would only cost time."""
    hashed = hashlib.sha256()
    with archive.open(name if name.startswith(ROWS) else zipfile.ZipInfo(name), "w", force_zip64=True) as member:
        for piece in pieces:
            hashed.update(piece)
            member.write(piece)
    return hashed.hexdigest()


def _put_folder(archive: zipfile.ZipFile, manifest: Manifest, folder: Path, name: str, notes: list[str]) -> None:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or any(part.startswith(".") for part in inside.parts):
            continue  # what begins with a dot is being written aside, or can be fetched again
        try:
            with path.open("rb") as file:
                member = f"{name}/{inside.as_posix()}"
                manifest.files[member] = _put(archive, member, iter(lambda: file.read(A_READ), b""))
        except FileNotFoundError:
            notes.append(f"{name}/{inside} was removed while the backup was made.")


def _put_key(archive: zipfile.ZipFile, manifest: Manifest, file: Path, with_key: bool, notes: list[str]) -> bool:
    ours = file.exists() and file.read_text().strip() == settings.SECRET_KEY
    if with_key and ours:
        manifest.files[KEY] = _put(archive, KEY, [file.read_bytes()])
        return True
    where = "SECRET_KEY of the environment" if not ours else "CASELOOP_HOME/secret-key"
    notes.append(
        f"The secret key is not inside. Keep {where} elsewhere: without it sessions end, second factors and the seal "
        "of the audit chain are lost."
    )
    return False
