"""Brings an installation back from a backup, in the place of what is there."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from classifier.ml.files import sync
from classifier.store import shared
from config import env
from workers.backup import database
from workers.backup.manifest import FOLDERS, KEY, BackupRefused, Manifest
from workers.backup.reading import opened
from workers.models import WorkerHeartbeat

ALIVE = timedelta(seconds=30)


@dataclass
class Restored:
    manifest: Manifest
    notes: list[str] = field(default_factory=list)


def restore(file: Path, *, replace: bool) -> Restored:
    """Check the backup, then put its files beside those that are there, then its rows in place, then tidy up.

    Raises BackupRefused, with nothing changed. Stopped at any point, the installation is the old one or the new one:
    the rows change at one moment, and until then no file that they name is gone. Without `replace`, only into a
    database that nobody has used.
    """
    with opened(file) as (archive, manifest):
        database.refuse_newer(manifest)
        if not database.is_empty():
            if not replace:
                raise BackupRefused("this installation holds data. To put the backup in its place, add --replace.")
            _refuse_running()
        done = Restored(manifest)
        home = Path(settings.CASELOOP_HOME)
        with _unpacked(archive, manifest, home) as aside, _key_of(archive, manifest, done):
            _place(aside, home, manifest)
            database.replace_rows(archive, manifest)
        _tidy(home, manifest)
    if manifest.artefacts != "inside" and shared() is None:
        done.notes.append("Models are not inside: set MODELS_STORAGE to the storage that holds them.")
    return done


def _refuse_running() -> None:
    if WorkerHeartbeat._meta.db_table not in connection.introspection.table_names():
        return
    seen = WorkerHeartbeat.objects.exclude(state=WorkerHeartbeat.State.STOPPED)
    if seen.filter(seen_at__gte=timezone.now() - ALIVE).exists():
        raise BackupRefused("the site is running. Stop web and workers, wait half a minute, and try again.")


@contextmanager
def _unpacked(archive: zipfile.ZipFile, manifest: Manifest, home: Path) -> Iterator[Path]:
    """The files, in a folder beside their goal; those of models are only there once every byte is on the disk."""
    aside = Path(tempfile.mkdtemp(prefix=".restore-", dir=home))
    try:
        for name in _files(manifest):
            goal = aside / name
            goal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with archive.open(name) as member, goal.open("xb") as file:
                shutil.copyfileobj(member, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _place(aside: Path, home: Path, manifest: Manifest) -> None:
    for name in _files(manifest):
        goal = home / name
        goal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (aside / name).replace(goal)


def _tidy(home: Path, manifest: Manifest) -> None:
    """Remove files that no row names any more."""
    for folder in FOLDERS:
        if folder == "models" and manifest.artefacts != "inside":
            continue
        for path in sorted((home / folder).rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.relative_to(home).as_posix() not in manifest.files:
                path.unlink()


def _files(manifest: Manifest) -> list[str]:
    return [name for name in manifest.files if name.partition("/")[0] in FOLDERS]


@contextmanager
def _key_of(archive: zipfile.ZipFile, manifest: Manifest, done: Restored) -> Iterator[None]:
    """The backup's key is this process's while the rows come in, and the installation's once they are there."""
    before = settings.SECRET_KEY
    if not manifest.key:
        done.notes.append(
            "The backup holds no secret key. If SECRET_KEY is another one now, people sign in anew, and "
            "manage.py verify_audit --adopt puts the new key's seal on the audit chain."
        )
        yield
        return
    key = archive.read(KEY).decode().strip()
    if env.text("SECRET_KEY") and env.text("SECRET_KEY") != key:
        done.notes.append("SECRET_KEY of the environment is not the backup's key, and stays. It is in the backup.")
        yield
        return
    try:
        settings.SECRET_KEY = key
        yield
        _write_key(Path(settings.CASELOOP_HOME) / KEY, key)
    except BaseException:
        settings.SECRET_KEY = before
        raise


def _write_key(file: Path, key: str) -> None:
    aside = file.with_name(f".{KEY}.restored")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(key)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(file)
    sync(file.parent)
