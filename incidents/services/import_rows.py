"""Rows of an imported CSV file, one at a time; what cannot be read is told apart, by line, from what can."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext, gettext_noop

from config.cells import unsafe
from incidents.services.import_lines import LONGEST_LINE, FileUnreadable, lines_of, open_lines

TEXT_HEADERS = ("text", "crimeaditionalinfo", "crimeadditionalinfo")  # the second is how the published data spell it
LONGEST_DOCUMENT = 300
HEAD = 4 * LONGEST_LINE  # bytes: room for any first line that is taken
HEADER_ADVICE = gettext_noop(
    "the first line must name the columns: text,category,sub_category or category,sub_category,crimeaditionalinfo"
)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells as they stand in the file; a column that the file lacks is the empty string."""

    line: int
    text: str
    category: str = ""
    sub_category: str = ""
    document: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not taken; the reason says what to do and quotes no report."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the columns stand; None for one that the file lacks."""

    count: int
    text: int
    category: int | None
    sub_category: int | None
    document: int | None
    title: int | None

    def row(self, line: int, cells: list[str]) -> Row | BadRow:
        if len(cells) != self.count:
            return BadRow(
                line,
                gettext("%(cells)s cells where the header has %(count)s: check the commas and the quotes")
                % {"cells": len(cells), "count": self.count},
            )
        places = (self.text, self.category, self.sub_category, self.document, self.title)
        text, category, sub_category, document, title = (
            "" if place is None else unsafe(cells[place]) for place in places
        )
        row = Row(line, text, category, sub_category, " ".join(document.split()), title)
        return BadRow(line, reason) if (reason := _fault(row)) else row


def read_rows(path: Path, group_column: str = "") -> Iterator[Row | BadRow]:
    """Stream a file's rows. Columns are found by name; the others are left out. Empty lines are passed over.

    The apostrophe by which an export keeps a cell from being a formula is taken off.

    Raises FileUnreadable when nothing can be read: no such file, not UTF-8 text, empty, without the columns.
    """
    with open_lines(path) as lines:
        reader = csv.reader(lines, strict=True)
        columns = _columns(_header(reader), group_column)
        while True:
            lines.begin_record()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield BadRow(lines.first, gettext(_QUOTES) % {"most": f"{csv.field_size_limit():,}"})
                lines.reread_all_but_first()
                continue
            if any(cell.strip() for cell in cells):
                yield columns.row(lines.first, cells)


def check_columns(head: bytes, group_column: str = "") -> None:
    """Raises FileUnreadable as `read_rows` would at the first row, from a file's first `HEAD` bytes."""
    with lines_of(io.BufferedReader(io.BytesIO(head))) as lines:  # type: ignore[arg-type]  # raw, as BytesIO is
        lines.begin_record()
        _columns(_header(csv.reader(lines, strict=True)), group_column)


_QUOTES = gettext_noop(
    "the quotes do not match, or a cell has more than %(most)s characters: close the quoted "
    "cell, and double each quote inside it"
)


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        return [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise FileUnreadable(_advised(gettext("line 1 is no header (%(error)s)") % {"error": error})) from error


def _columns(header: list[str], group_column: str) -> _Columns:
    names = [name.casefold() for name in header]
    wanted = (*TEXT_HEADERS, "category", "sub_category", "title", group_column.strip().casefold())
    if twice := sorted(name for name in set(wanted) if name and names.count(name) > 1):
        raise FileUnreadable(
            gettext("the column %(name)s stands twice in the header: rename or remove one.")
            % {"name": ", ".join(twice)}
        )
    places = {name: place for place, name in enumerate(names)}
    text = next((places[name] for name in TEXT_HEADERS if name in places), None)
    if text is None:
        raise FileUnreadable(_advised(gettext("none of its %(count)s columns is the text") % {"count": len(header)}))
    if "sub_category" in places and "category" not in places:
        raise FileUnreadable(_advised(gettext("there is a column sub_category but none named category")))
    if group_column and group_column.strip().casefold() not in places:
        raise FileUnreadable(
            gettext("there is no column “%(name)s”; the columns are: %(names)s.")
            % {"name": group_column, "names": ", ".join(header)}
        )
    document = places[group_column.strip().casefold()] if group_column else None
    category, sub_category, title = (places.get(name) for name in ("category", "sub_category", "title"))
    return _Columns(len(header), text, category, sub_category, document, title)


def _advised(problem: str) -> str:
    return f"{problem}: {gettext(HEADER_ADVICE)}."


def _fault(row: Row) -> str:
    """What is wrong with a row's cells before anybody looks at what they mean; empty when nothing is."""
    for column in ("text", "category", "sub_category", "document", "title"):
        try:
            getattr(row, column).encode()
        except UnicodeEncodeError as error:
            byte = ord(error.object[error.start]) & 0xFF
            return gettext(
                "byte %(byte)s in its %(column)s is not UTF-8: save the file as UTF-8 and import it again"
            ) % {"byte": f"0x{byte:02X}", "column": column}
    if len(row.document) > LONGEST_DOCUMENT or "\0" in row.document:
        return gettext("the document's name must be text of at most %(most)s characters") % {"most": LONGEST_DOCUMENT}
    return ""
