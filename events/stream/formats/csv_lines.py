"""CSV whose first line names the columns; the reference's columns are known without one."""

import csv

from events.stream.event import BrokenLine, Reading
from events.stream.formats.assembly import LONGEST_KEY, MOST_FIELDS
from events.stream.formats.reader import Reader, clean_text
from events.stream.formats.tables import GUESS, NUMBER, Table
from events.stream.formats.values import number_in, typed

DELIMITERS = ",;\t|"
REFERENCE_HEADER = (
    "user_id,login_attempts,failed_login_attempts,session_duration,data_transferred,access_sensitive_files,log_text"
)


class CsvReader(Reader):
    """The first line is the header, unless one is in force. An empty cell is no value."""

    def __init__(self, table: Table, *, header: str = "", entity_field: str = "") -> None:
        super().__init__(table, entity_field=entity_field)
        self._header = ""
        self._delimiter = ","
        self._columns: list[tuple[str, bool]] = []  # name, and whether its cells may be numbers
        if header.strip():
            self._begin(clean_text(header.encode(errors="replace"), []).strip("\r\n"))

    @property
    def header(self) -> str:
        return self._header

    def read(self, raw: bytes) -> Reading | None:
        problems: list[str] = []
        text = clean_text(raw, problems).rstrip("\r\n")
        if not text or text.isspace() or text == self._header:
            return None
        if not self._columns:
            self._begin(text)
            return None
        cells = text.split(self._delimiter) if '"' not in text else cells_of(text, self._delimiter)
        if len(cells) != len(self._columns):
            raise BrokenLine(f"The line has {len(cells)} cells, and the header names {len(self._columns)} columns.")
        record = {}
        for (name, may_be_number), cell in zip(self._columns, cells, strict=True):
            if cell := cell.strip():
                record[name] = typed(cell) if may_be_number else cell
        return self.assembler.reading(record, problems)

    def _begin(self, text: str) -> None:
        self._delimiter = delimiter_of(text)
        names = column_names(cells_of(text, self._delimiter))
        self._columns = [(name, self.assembler.target(name)[1] in (NUMBER, GUESS)) for name in names]
        self._header = text


class ReferenceReader(CsvReader):
    """The reference's columns in its order, until a header says otherwise."""

    def __init__(self, table: Table, *, header: str = "", entity_field: str = "") -> None:
        super().__init__(table, header=header or REFERENCE_HEADER, entity_field=entity_field)

    def read(self, raw: bytes) -> Reading | None:
        if b"user_id" in raw and is_reference(text := clean_text(raw, []).rstrip("\r\n")):
            self._begin(text)
            return None
        return super().read(raw)


def is_reference(line: str) -> bool:
    """Whether a line is a header with all of the reference's columns, in any order, among others perhaps."""
    return set(REFERENCE_HEADER.split(",")) <= {name.strip().strip('"') for name in line.split(",")}


def delimiter_of(header: str) -> str:
    """The one that a header uses most; the comma if none."""
    return max(DELIMITERS, key=header.count)


def cells_of(text: str, delimiter: str) -> list[str]:
    """The cells of one line; BrokenLine where its quotes do not match."""
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BrokenLine(_reason(str(error))) from error
    return rows[0] if rows else []


def column_names(cells: list[str]) -> list[str]:
    """Unique names; a column without one is called by its place. BrokenLine if the cells name no columns."""
    if len(cells) > MOST_FIELDS:
        raise BrokenLine(f"The header names {len(cells):,} columns; at most {MOST_FIELDS} are taken.")
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = cell.strip()
        if number_in(name) is not None:
            raise BrokenLine("No header stands above this line: the first line must name the columns.")
        if len(name) > LONGEST_KEY:
            raise BrokenLine(f"The name of column {place} has {len(name):,} characters; at most {LONGEST_KEY}.")
        name = name or f"column_{place}"
        while name in names:
            name = f"{name}_{place}"
        names.append(name)
    return names


def _reason(error: str) -> str:
    if "unexpected end" in error:
        return "A quote is opened and not closed on this line; line breaks inside cells are not taken."
    if "field larger" in error:
        return f"A quoted cell has more than {csv.field_size_limit():,} characters."
    if "new-line" in error:
        return "A line break stands inside the line."
    return "A quoted cell goes on after its closing quote; double the quotes inside it."
