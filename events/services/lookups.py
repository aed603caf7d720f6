"""Look-up tables as an admin keeps them: stored whole or not at all, switched, removed; loaded once a process."""

import hashlib
import os
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Max

from events.models import LookupTable
from events.stream.enrichment import Plug
from events.stream.lookup_tables import MOST_BYTES, BadTable, CsvTable, MmdbTable, read_csv
from incidents.models import User
from incidents.services import audit

LOOK_SECONDS = 3.0  # after which a process notices a change
log = structlog.get_logger("events.lookups")

_plugs: dict[int, Plug] = {}
_seen: tuple[object, float] = (None, 0.0)


def lookups_folder() -> Path:
    return Path(settings.CASELOOP_HOME) / "lookups"


def add_table(*, name: str, kind: str, field: str, chunks: Iterable[bytes], by: User) -> LookupTable:
    """Store a table under a name of our own and read it through. Raises ValidationError with what is wrong."""
    path = _stored(chunks)
    try:
        is_mmdb = b"\xab\xcd\xefMaxMind.com" in path.read_bytes()[-131_072:]
        row = LookupTable(name=name, kind=kind, field=field, file=path.name, added_by=by, sha256=_digest(path))
        row.format = LookupTable.Format.MMDB if is_mmdb else LookupTable.Format.CSV
        table = _loaded(row)
        row.rows = table.rows if isinstance(table, CsvTable) else None
        row.full_clean()
        with transaction.atomic():
            row.save()
            audit.record("lookup.added", actor=by, subject=name, table=kind, sha256=row.sha256, rows=row.rows)
    except BadTable as error:
        path.unlink()
        raise ValidationError({"file": str(error)}) from error
    except (ValidationError, IntegrityError):
        path.unlink()
        raise
    return row


@transaction.atomic
def switch_table(row: LookupTable, *, enabled: bool, by: User) -> None:
    row.enabled, row.error = enabled, ""
    row.save(update_fields=["enabled", "error"])
    audit.record("lookup.switched", actor=by, subject=row.name, enabled=enabled)


@transaction.atomic
def remove_table(row: LookupTable, *, by: User) -> None:
    """The file goes once the row is gone."""
    path = lookups_folder() / row.file
    audit.record("lookup.removed", actor=by, subject=row.name, sha256=row.sha256)
    row.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def plugs() -> list[Plug]:
    """The tables in force, loaded once a process. One query every few seconds; without tables nothing more."""
    global _seen
    state, until = _seen
    if time.monotonic() >= until:
        now = LookupTable.objects.filter(enabled=True).aggregate(n=Count("pk"), last=Max("pk"))
        if now != state:
            _load()
        _seen = (now, time.monotonic() + LOOK_SECONDS)
    return list(_plugs.values())


def forget() -> None:
    """Drop what this process has loaded."""
    global _seen
    _seen = (None, 0.0)
    _plugs.clear()


def tell_failures(failures: dict[str, str]) -> None:
    """Show on the tables' page why the last look-up failed."""
    for name, reason in failures.items():
        LookupTable.objects.filter(name=name).exclude(error=reason[:300]).update(error=reason[:300])


def _load() -> None:
    rows = {row.pk: row for row in LookupTable.objects.filter(enabled=True)}
    for pk in _plugs.keys() - rows.keys():
        del _plugs[pk]
    for pk in rows.keys() - _plugs.keys():
        try:
            _plugs[pk] = Plug(_loaded(rows[pk]))
        except (BadTable, OSError) as error:
            log.warning("lookup_unreadable", table=rows[pk].name, error=str(error))
            LookupTable.objects.filter(pk=pk).update(error=f"It cannot be read: {error}"[:300])


def _loaded(row: LookupTable) -> CsvTable | MmdbTable:
    path = lookups_folder() / row.file
    if row.format == LookupTable.Format.MMDB:
        return MmdbTable(path, row.name, row.field)
    return read_csv(path, row.name, row.field)


def _stored(chunks: Iterable[bytes]) -> Path:
    """Written aside, synced, renamed: 0600, under a name that no upload chooses."""
    folder = lookups_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / uuid.uuid4().hex
    aside = path.with_suffix(".part")
    size = 0
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        for chunk in chunks:
            size += len(chunk)
            stream.write(chunk)
            if size > MOST_BYTES:
                break
        stream.flush()
        os.fsync(stream.fileno())
    if not 0 < size <= MOST_BYTES:
        aside.unlink()
        raise ValidationError({"file": f"The file must have between 1 and {MOST_BYTES:,} bytes."})
    aside.rename(path)
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
