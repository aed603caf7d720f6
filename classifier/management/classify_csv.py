"""Classifying the rows of a CSV file: its columns are kept, the answer's are added."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TextIO

from django.core.exceptions import ValidationError

from classifier.management.results import Answered
from classifier.management.sources import Source
from classifier.services.answers import Answer, Answerer
from config.commands import stop
from incidents.services.import_lines import FileUnreadable, Lines, lines_of
from incidents.services.import_rows import TEXT_HEADERS
from incidents.texts import clean_text, training_text

ADDED = ("category", "sub_category", "confidence", "decision", "model")
SUFFIX = "_predicted"
CHUNK = 256  # rows in memory
READ_AHEAD = 65_536  # bytes
ERROR = "error"  # the decision that stands in a row whose text is not taken


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: list[str]


def classify_csv(source: Source, out: TextIO, answerer: Answerer, tell: Callable[[str], object]) -> Answered:
    """Answer row by row, a chunk at a time; errors are rows whose text is not taken.

    A row that does not fit the header would move its columns, so it ends the command.
    """
    answered = Answered()
    try:
        with lines_of(io.BufferedReader(source, READ_AHEAD)) as lines:
            rows = _rows(lines)
            header = _header(rows)
            place = _text_column(header)
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow([*header, *_added_columns(header, tell)])
            for chunk in _chunks(rows, out):
                answered.add(len(chunk), _classify(chunk, place, writer, answerer, tell))
    except FileUnreadable as error:
        raise stop(f"the file {error}") from error
    return answered


def _header(rows: Iterator[_Row]) -> list[str]:
    if (first := next(rows, None)) is None:
        raise stop("the file holds nothing but blank lines.")
    return first.cells


def _rows(lines: Lines) -> Iterator[_Row]:
    reader, width = csv.reader(lines, strict=True), 0
    while True:
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise stop(f"line {lines.first}: the quotes do not match, or a cell is endless ({error}).") from error
        if not cells:
            continue
        width = width or len(cells)
        if len(cells) != width:
            raise stop(f"line {lines.first} has {len(cells)} cells, the header {width}: check the commas and quotes.")
        yield _Row(lines.first, cells)


def _text_column(header: Sequence[str]) -> int:
    names = [name.strip().casefold() for name in header]
    for name in TEXT_HEADERS:
        if name in names:
            return names.index(name)
    raise stop(f"none of the {len(header)} columns is the text: the first line must name a column {TEXT_HEADERS[0]}.")


def _added_columns(header: Sequence[str], tell: Callable[[str], object]) -> list[str]:
    """The answer's columns; one whose name the file has already gets a suffix, and keeps the file's own as it is."""
    taken, added = {name.strip() for name in header}, []
    for name in ADDED:
        free = name
        while free in taken:
            free += SUFFIX
        if free != name:
            tell(f"the file has a column {name} already: the answer stands in {free}.")
        taken.add(free)
        added.append(free)
    return added


def _chunks(rows: Iterator[_Row], out: TextIO) -> Iterator[list[_Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
        out.flush()


def _classify(chunk: list[_Row], place: int, writer: Any, answerer: Answerer, tell: Callable[[str], object]) -> int:
    """The number of rows whose text is not taken."""
    texts: dict[int, str] = {}
    for row in chunk:
        try:
            texts[row.line] = training_text("", clean_text(row.cells[place]))
        except ValidationError as error:
            tell(f"line {row.line}: {' '.join(error.messages)}")
    answers = dict(zip(texts, answerer.answers(list(texts.values())), strict=True))
    writer.writerows([*row.cells, *_cells(answers.get(row.line))] for row in chunk)
    return len(chunk) - len(texts)


def _cells(answer: Answer | None) -> list[str]:
    if answer is None:
        return ["", "", "", ERROR, ""]
    return [answer.category, answer.sub_category, f"{answer.confidence:.4f}", answer.decision, answer.model]
