"""Look-up tables as an admin keeps them: stored whole or not at all, switched, removed."""

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from classifier.ml.files import sha256_of, sync
from events.models import LookupTable
from events.stream.lookup_csv import CsvTable, index_of, open_csv
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
        row = LookupTable(name=name, kind=kind, field=field, file=path.name, added_by=by, sha256=sha256_of(path))
        row.format = LookupTable.Format.MMDB if is_mmdb(path) else LookupTable.Format.CSV
        row.full_clean(exclude=["rows"])
        row.rows, repeated = _read_through(row)
        with transaction.atomic():
            row.save()
            audit.record(
                "lookup.added", actor=by, subject=name, table=kind, field=field, rows=row.rows, sha256=row.sha256
            )
    except BadTable as error:
        _drop(path)
        raise ValidationError({"file": str(error)}) from error
    except IntegrityError as error:  # another upload of that name was quicker
        _drop(path)
        raise ValidationError({"name": "There is a table of this name. Choose another one."}) from error
    except BaseException:
        _drop(path)
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
    transaction.on_commit(lambda: _drop(path))


def opened(row: LookupTable) -> CsvTable | MmdbTable:
    """Raises BadTable."""
    path = file_of(row)
    if not path.exists():
        raise BadTable(
            gettext(
                "Its file is not on this machine. Let all machines share the folder lookups, or add the table again."
            )
        )
    if row.format == LookupTable.Format.MMDB:
        return MmdbTable(path, row.name, row.field)
    return open_csv(path, row.name, row.field)


def _folder() -> Path:
    return Path(settings.CASELOOP_HOME) / "lookups"


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.exists() else None


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)
    index_of(path).unlink(missing_ok=True)


def _read_through(row: LookupTable) -> tuple[int | None, int]:
    """Rows, if that is known, and how many of them are repeated; where they stand is kept. Raises BadTable."""
    table, path = opened(row), file_of(row)
    table.close()
    if not isinstance(table, CsvTable):
        return None, 0
    index = table.index
    _write(index_of(path), lambda stream: index.save(stream, path.stat().st_size))
    return index.rows, index.repeated


def _stored(file: "File[bytes]") -> Path:
    """Under a name that no upload chooses."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / uuid.uuid4().hex
    _write(path, lambda stream: _copy(file, stream))
    return path


def _copy(file: "File[bytes]", stream: BinaryIO) -> None:
    size = 0
    for chunk in file.chunks():
        size += len(chunk)
        if size > MOST_BYTES:
            break
        stream.write(chunk)
    if not 0 < size <= MOST_BYTES:
        raise ValidationError({"file": f"The file must have between 1 and {MOST_BYTES:,} bytes."})


def _write(path: Path, content: Callable[[BinaryIO], None]) -> None:
    """Aside, synced, renamed, 0600; nothing is left where that fails."""
    aside = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            content(stream)
            stream.flush()
            os.fsync(stream.fileno())
        aside.rename(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise ValidationError(
            {"file": f"The file could not be stored ({error.strerror}). Make room for it."}
        ) from error
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync(path.parent)
