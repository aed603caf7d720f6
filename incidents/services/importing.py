"""Import of a CSV file of reports. The first pass learns what its labels mean, the second files its reports.

Reports that are there already are never changed: what people decided stands, and the same file twice changes nothing.
"""

import csv
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils import timezone

from incidents.labels import MISSING, clean_label
from incidents.models import ImportBatch, Incident
from incidents.models import Path as LabelRow
from incidents.services import audit
from incidents.services.filing_many import KnownReport, file_prepared, prepare
from incidents.services.import_labels import LabelReading, read_labels
from incidents.services.import_rows import BadRow, Row, read_rows
from incidents.services.import_staging import StagedReport, Staging
from incidents.services.taxonomy import Created
from incidents.texts import clean_text, clean_title, text_hash

CHUNK = 500  # reports per transaction: a crash leaves whole chunks, the same command again files the rest
GAP_SECONDS = 0.02  # at least, between transactions
SHOWN = 20  # refusals and conflicts that a result lists
TOLD_EVERY = 20_000  # rows


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


def import_file(
    path: Path, options: ImportOptions = ImportOptions(), tell: Callable[[str], object] = lambda sentence: None
) -> ImportResult:
    """Import a file; `tell` gets a sentence of progress now and then.

    Raises FileUnreadable when nothing of it can be read, LabelProblem when labels to be created would read alike.
    """
    batch = _Batch(path.name)
    with Staging() as staging:
        result = ImportResult(rows=_stage(read_rows(path, options.group_column), staging, tell))
        reading = read_labels(staging, create=options.create_labels, extra_names=options.label_names)
        result.labels_created = reading.created
        result.refused = staging.count_refused()
        result.refusals = tuple(islice(staging.refusals(), SHOWN))
        if options.refused_to:
            _write_refusals(staging.refusals(), options.refused_to)
        _file_reports(staging, reading, batch, result, tell)
    if result.taken:
        counts: dict[str, Any] = {name: value for name, value in vars(result).items() if isinstance(value, int)}
        audit.record("incidents.imported", subject=path.name[:200], **counts)
    return result


def _stage(rows: Iterable[Row | BadRow], staging: Staging, tell: Callable[[str], object]) -> int:
    number = 0
    for number, row in enumerate(rows, 1):
        cleaned = _cleaned(row) if isinstance(row, Row) else row
        if isinstance(cleaned, Row):
            staging.add(cleaned, text_hash(cleaned.text))
        else:
            staging.refuse(cleaned)
        if number % TOLD_EVERY == 0:
            tell(f"{number:,} rows read")
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


class _Batch:
    """The row of this import, written with its first report: an import that takes none leaves no trace."""

    def __init__(self, name: str) -> None:
        self._name = name[:200]
        self._row: ImportBatch | None = None

    def row(self) -> ImportBatch:
        if self._row is None:
            self._row = ImportBatch.objects.create(name=self._name)
        return self._row


def _file_reports(
    staging: Staging, reading: LabelReading, batch: _Batch, result: ImportResult, tell: Callable[[str], object]
) -> None:
    reports = staging.reports()
    told, turns = 0, _Turns()
    while chunk := list(islice(reports, CHUNK)):
        try:
            _file_chunk(chunk, reading, batch, result, turns)
        except IntegrityError:
            # Another import has just filed some of these: look again at what is there now.
            _file_chunk(chunk, reading, batch, result, turns)
        if result.taken - told >= TOLD_EVERY:
            told = result.taken
            tell(f"{told:,} reports filed")


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
    chunk: list[StagedReport], reading: LabelReading, batch: _Batch, result: ImportResult, turns: _Turns
) -> None:
    stored = _stored_labels(_key(report) for report in chunk)
    labels = {report.hash: _path_ids(report, reading) for report in chunk}
    new, now = [report for report in chunk if _key(report) not in stored], timezone.now()
    prepared = prepare(
        [KnownReport(_key(one), one.text, one.title, one.document, labels[one.hash], now) for one in new]
    )
    with turns.mine():
        if prepared:
            file_prepared(prepared, source=Incident.Source.IMPORT, batch=batch.row())
    _count_new(new, labels, result)
    for report in chunk:
        if _key(report) in stored:
            result.unchanged += report.rows
            if labels[report.hash] and set(labels[report.hash]) != stored[_key(report)]:
                result.conflicts += 1
                result.conflict_lines = (*result.conflict_lines, report.line)[:SHOWN]


def _count_new(new: list[StagedReport], labels: dict[str, tuple[int, ...]], result: ImportResult) -> None:
    decided = sum(bool(labels[report.hash]) for report in new)
    result.taken += len(new)
    result.merged += sum(report.rows - 1 for report in new)
    result.decided += decided
    result.undecided += len(new) - decided


def _key(report: StagedReport) -> str:
    return f"import:{report.hash}"


def _path_ids(report: StagedReport, reading: LabelReading) -> tuple[int, ...]:
    return tuple(sorted({path for cells in report.cells for path in reading.path_ids[cells]}))


def _stored_labels(keys: Iterable[str]) -> dict[str, set[int]]:
    """The path ids that the reports with these keys carry now, as they read today; without a label none."""
    reading = LabelRow.objects.reading()
    stored: dict[str, set[int]] = {}
    rows = Incident.objects.filter(idempotency_key__in=list(keys))
    for key, path_id in rows.values_list("idempotency_key", "current_label__paths"):
        stored.setdefault(key or "", set()).update([] if path_id is None else reading.ids([path_id]))
    return stored


def _write_refusals(refusals: Iterator[BadRow], file: TextIO) -> None:
    writer = csv.writer(file)
    writer.writerow(["line", "reason"])
    writer.writerows((row.line, row.reason) for row in refusals)
