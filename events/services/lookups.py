"""Look-up tables as an admin keeps them: stored whole or not at all, switched, removed."""

import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction

from events.models import LookupTable
from events.stream.lookup_csv import CsvTable, open_csv
from events.stream.lookup_tables import MOST_BYTES, BadTable, MmdbTable, is_mmdb
from incidents.models import User
from incidents.services import audit


@dataclass(frozen=True)
class Added:
    """`repeated` counts rows that a later one of the same value replaced."""

    row: LookupTable
    repeated: int

    def __str__(self) -> str:
        rows = "" if self.row.rows is None else f" with {self.row.rows:,} row{'s' if self.row.rows > 1 else ''}"
        repeated = f" Later rows of the same value replace {self.repeated:,} of them." if self.repeated else ""
        return f"{self.row.name} is in use{rows}.{repeated} Workers take it within seconds."


@dataclass(frozen=True)
class TableLine:
    """`size` in bytes; None where the file is not on this machine."""

    row: LookupTable
    size: int | None


def listed() -> list[TableLine]:
    return [TableLine(row, _size(file_of(row))) for row in LookupTable.objects.select_related("added_by")]


def file_of(row: LookupTable) -> Path:
    return _folder() / row.file


def add_table(*, name: str, kind: str, field: str, file: "File[bytes]", by: User) -> Added:
    """Store a table under a name of our own and read it through. Raises ValidationError with what is wrong."""
    path = _stored(file)
    try:
        row = LookupTable(name=name, kind=kind, field=field, file=path.name, added_by=by, sha256=_digest(path))
        row.format = LookupTable.Format.MMDB if is_mmdb(path) else LookupTable.Format.CSV
        row.full_clean(exclude=["rows"])
        row.rows, repeated = _read_through(row)
        with transaction.atomic():
            row.save()
            audit.record(
                "lookup.added", actor=by, subject=name, table=kind, field=field, rows=row.rows, sha256=row.sha256
            )
    except BadTable as error:
        path.unlink()
        raise ValidationError({"file": str(error)}) from error
    except BaseException:
        path.unlink()
        raise
    return Added(row, repeated)


@transaction.atomic
def switch_table(row: LookupTable, *, enabled: bool, by: User) -> None:
    row.enabled, row.error = enabled, ""
    row.save(update_fields=["enabled", "error"])
    audit.record("lookup.switched", actor=by, subject=row.name, enabled=enabled)


@transaction.atomic
def remove_table(row: LookupTable, *, by: User) -> None:
    """The file goes once the row is gone; a process that has it open looks up in it until it sees that."""
    path = file_of(row)
    audit.record("lookup.removed", actor=by, subject=row.name, sha256=row.sha256)
    row.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def opened(row: LookupTable) -> CsvTable | MmdbTable:
    """Raises BadTable."""
    path = file_of(row)
    if not path.exists():
        raise BadTable(
            "Its file is not on this machine. Let all machines share the folder lookups, or add the table again."
        )
    if row.format == LookupTable.Format.MMDB:
        return MmdbTable(path, row.name, row.field)
    return open_csv(path, row.name, row.field)


def _folder() -> Path:
    return Path(settings.CASELOOP_HOME) / "lookups"


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.exists() else None


def _read_through(row: LookupTable) -> tuple[int | None, int]:
    """Rows, if that is known, and how many of them are repeated. Raises BadTable."""
    table = opened(row)
    table.close()
    return (table.rows, table.repeated) if isinstance(table, CsvTable) else (None, 0)


def _stored(file: "File[bytes]") -> Path:
    """Written aside, synced, renamed: 0600, under a name that no upload chooses."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / uuid.uuid4().hex
    aside = path.with_suffix(".part")
    size = 0
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        for chunk in file.chunks():
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
