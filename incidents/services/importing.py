"""Import of a CSV file of reports. The first pass learns what its labels mean, the second files its reports.

Reports that are there already are never changed: what people decided stands, and the same file twice changes nothing.
An import that goes on after a kill counts what it had filed before as its own, by the batch that reports name.
"""

import csv
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils import timezone

from config.cells import safe
from incidents.labels import MISSING, clean_label
from incidents.models import ImportBatch, Incident, User
from incidents.models import Path as LabelRow
from incidents.services import audit
from incidents.services.filing_many import KnownReport, file_prepared, prepare
from incidents.services.import_batches import OpenBatch
from incidents.services.import_labels import LabelReading, read_labels
from incidents.services.import_rows import BadRow, Row, read_rows
from incidents.services.import_staging import StagedReport, Staging
from incidents.services.taxonomy import Created
from incidents.texts import clean_text, clean_title, text_hash

CHUNK = 500  # reports per transaction: a crash leaves whole chunks, the same command again files the rest
GAP_SECONDS = 0.02  # at least, between transactions
SHOWN = 20  # refusals and conflicts that a result lists
READING, FILING = "reading", "filing"

# What is done, how many rows or reports of it by now, and of how many reports; 0: not known. May raise, to stop.
Follow = Callable[[str, int, int], object]


@dataclass(frozen=True)
class ImportOptions:
    """`group_column` names the column of the documents; `label_names` are labels that hold " or ".

    `refused_to` gets every refused line and its reason as CSV.
    """

    create_labels: bool = False
    group_column: str = ""
    label_names: Collection[str] = ()
    refused_to: TextIO | None = None


@dataclass
class ImportResult:
    """What became of the rows: rows = taken + merged + refused + unchanged.

    taken: rows that made a report. merged: rows whose text an earlier row of the file brought; their labels joined
    it. unchanged: rows of reports that were there before. conflicts: reports among these whose labels are not the
    file's; they were kept as they were. decided and undecided split the taken ones.
    """

    rows: int = 0
    taken: int = 0
    merged: int = 0
    refused: int = 0
    unchanged: int = 0
    conflicts: int = 0
    decided: int = 0
    undecided: int = 0
    labels_created: Created = field(default_factory=Created)
    refusals: tuple[BadRow, ...] = ()
    conflict_lines: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def _not_followed(stage: str, done: int, of: int) -> None: ...


def import_file(path: Path, options: ImportOptions = ImportOptions(), follow: Follow = _not_followed) -> ImportResult:
    """Import a file at once, for the command line. Raises as `import_into`."""
    batch = OpenBatch(path.name)
    try:
        result = import_into(batch, path, options, follow)
    except BaseException:
        batch.end(ImportBatch.Status.FAILED)
        raise
    if result.taken:
        record_import(batch.row(), result)
    batch.end(ImportBatch.Status.DONE, result.to_json())
    return result


def import_into(batch: OpenBatch, path: Path, options: ImportOptions, follow: Follow) -> ImportResult:
    """Import a file into a batch, from the beginning or from where an earlier attempt was killed.

    Raises FileUnreadable when nothing of it can be read, LabelProblem when labels to be created would read alike.
    """
    with Staging() as staging:
        result = ImportResult(rows=_stage(read_rows(path, options.group_column), staging, follow))
        create = batch.create_labels if options.create_labels else None
        reading = read_labels(staging, create=create, extra_names=options.label_names)
        result.labels_created = reading.created
        result.refused = staging.count_refused()
        result.refusals = tuple(islice(staging.refusals(), SHOWN))
        if options.refused_to:
            _write_refusals(staging.refusals(), options.refused_to)
        _file_reports(staging, reading, batch, result, follow)
    return result


def record_import(run: ImportBatch, result: ImportResult, by: User | None = None) -> None:
    """Note in the audit log what a file brought; one that brought nothing leaves no trace."""
    counts: dict[str, Any] = {name: value for name, value in vars(result).items() if isinstance(value, int)}
    audit.record("incidents.imported", actor=by, subject=run.told, **counts)


def _stage(rows: Iterable[Row | BadRow], staging: Staging, follow: Follow) -> int:
    number = 0
    for number, row in enumerate(rows, 1):
        cleaned = _cleaned(row) if isinstance(row, Row) else row
        if isinstance(cleaned, Row):
            staging.add(cleaned, text_hash(cleaned.text))
        else:
            staging.refuse(cleaned)
        if number % CHUNK == 0:
            follow(READING, number, 0)
    staging.flush()
    return number


def _cleaned(row: Row) -> Row | BadRow:
    try:
        text = clean_text("" if row.text.strip().lower() == MISSING else row.text)
        title = clean_title(row.title)
    except ValidationError as error:
        return BadRow(row.line, " ".join(error.messages))
    category, sub_category = clean_label(row.category), clean_label(row.sub_category)
    return replace(row, text=text, title=title, category=category, sub_category=sub_category)


def _file_reports(
    staging: Staging, reading: LabelReading, batch: OpenBatch, result: ImportResult, follow: Follow
) -> None:
    reports, done, of = staging.reports(), 0, staging.count_reports()
    turns = _Turns()
    while chunk := list(islice(reports, CHUNK)):
        try:
            _file_chunk(chunk, reading, batch, result, turns)
        except IntegrityError:
            # Another import has just filed some of these: look again at what is there now.
            _file_chunk(chunk, reading, batch, result, turns)
        done += len(chunk)
        follow(FILING, done, of)


class _Turns:
    """SQLite has one writer and no queue: who waits only looks again now and then, and must find a gap.

    What is read and computed between two transactions is a part of it.
    """

    _next = 0.0

    @contextmanager
    def mine(self) -> Iterator[None]:
        if connection.vendor == "sqlite":
            time.sleep(max(0.0, self._next - time.monotonic()))
        yield
        self._next = time.monotonic() + GAP_SECONDS


def _file_chunk(
    chunk: list[StagedReport], reading: LabelReading, batch: OpenBatch, result: ImportResult, turns: _Turns
) -> None:
    stored = _stored(_key(report) for report in chunk)
    labels = {report.hash: _path_ids(report, reading) for report in chunk}
    new, now = [report for report in chunk if _key(report) not in stored], timezone.now()
    prepared = prepare(
        [KnownReport(_key(one), one.text, one.title, one.document, labels[one.hash], now) for one in new]
    )
    with turns.mine():
        if prepared:
            file_prepared(prepared, source=Incident.Source.IMPORT, batch=batch.row())
    for report in chunk:
        there = stored.get(_key(report))
        if there is None or (batch.pk and there.batch == batch.pk):
            _count_taken(report, labels[report.hash], result)
        else:
            _count_unchanged(report, labels[report.hash], there, result)


def _count_unchanged(report: StagedReport, labels: tuple[int, ...], there: "_Stored", result: ImportResult) -> None:
    result.unchanged += report.rows
    if labels and set(labels) != there.labels:
        result.conflicts += 1
        result.conflict_lines = (*result.conflict_lines, report.line)[:SHOWN]


def _count_taken(report: StagedReport, labels: tuple[int, ...], result: ImportResult) -> None:
    """A report of this import, filed now or before it was killed. It counts as the file has it."""
    result.taken += 1
    result.merged += report.rows - 1
    result.decided += bool(labels)
    result.undecided += not labels


def _key(report: StagedReport) -> str:
    return f"import:{report.hash}"


def _path_ids(report: StagedReport, reading: LabelReading) -> tuple[int, ...]:
    return tuple(sorted({path for cells in report.cells for path in reading.path_ids[cells]}))


class _Stored(NamedTuple):
    """Which import brought a report, and the path ids that it carries now, as they read today; without a label none."""

    batch: int | None
    labels: set[int]


def _stored(keys: Iterable[str]) -> dict[str, _Stored]:
    """The reports with these keys that are there."""
    reading = LabelRow.objects.reading()
    stored: dict[str, _Stored] = {}
    rows = Incident.objects.filter(idempotency_key__in=list(keys))
    for key, batch, path_id in rows.values_list("idempotency_key", "import_batch", "current_label__paths"):
        labels = stored.setdefault(key or "", _Stored(batch, set())).labels
        labels.update([] if path_id is None else reading.ids([path_id]))
    return stored


def _write_refusals(refusals: Iterator[BadRow], file: TextIO) -> None:
    writer = csv.writer(file)
    writer.writerow(["line", "reason"])
    writer.writerows((row.line, safe(row.reason)) for row in refusals)
