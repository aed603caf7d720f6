"""Zeek logs: its JSON writer, and tab-separated files with their `#fields` and `#types`."""

from typing import Any

from events.stream.event import BrokenLine, Reading
from events.stream.formats.assembly import LONGEST_KEY, MOST_FIELDS
from events.stream.formats.json_lines import loaded
from events.stream.formats.reader import Reader, clean_text
from events.stream.formats.tables import Table
from events.stream.formats.values import number_in

NUMERIC = frozenset({"time", "interval", "count", "int", "double", "port"})
SETS = ("set[", "vector[")
KEPT = ("#separator", "#set_separator", "#empty_field", "#unset_field", "#path", "#fields", "#types")
LONGEST_SETTING = 16  # characters of a separator or of a mark for nothing


class ZeekReader(Reader):
    """`header` is the lines of a tab-separated file that say how to read the others, joined by line ends."""

    def __init__(self, table: Table, *, header: str = "", entity_field: str = "") -> None:
        super().__init__(table, entity_field=entity_field)
        self._settings: dict[str, str] = {}
        self._separator = "\t"
        self._columns: list[tuple[str, str]] = []  # name and type
        for line in header.splitlines():
            self._setting(line)

    @property
    def header(self) -> str:
        return "\n".join(self._settings[name] for name in KEPT if name in self._settings)

    def read(self, raw: bytes) -> Reading | None:
        problems: list[str] = []
        if raw[:1] == b"{":
            record = loaded(raw, problems)
            return None if record is None else self.assembler.reading(record, problems)
        text = clean_text(raw, problems).strip("\r\n")
        if not text or text.isspace():
            return None
        if text[0] == "#":
            self._setting(text)
            return None
        if text[0] == "{":
            return self.read(text.encode())
        return self.assembler.reading(self._record(text), problems)

    def _setting(self, line: str) -> None:
        name, *values = line.split(None if line.startswith("#separator") else self._separator)
        if name not in KEPT:
            return
        if name == "#separator":
            self._settings.clear()
            self._separator = _unescaped(values[0]) if values else "\t"
        elif name == "#fields":
            if len(values) > MOST_FIELDS or any(len(value) > LONGEST_KEY for value in values):
                raise BrokenLine(f"#fields names more than {MOST_FIELDS} fields, or one by more than {LONGEST_KEY}.")
            self._columns = [(value, "string") for value in values]
        elif name == "#types" and len(values) == len(self._columns):
            self._columns = [(column, kind) for (column, _), kind in zip(self._columns, values, strict=True)]
        self._settings[name] = line

    def _value_of(self, name: str, default: str) -> str:
        """Of a setting that has one value."""
        _, _, value = self._settings.get(name, "").partition(self._separator)
        return value[:LONGEST_SETTING] or default

    def _record(self, text: str) -> dict[str, Any]:
        if not self._columns:
            raise BrokenLine("No #fields line stands above this line; send the file from its beginning.")
        cells = text.split(self._separator)
        if len(cells) != len(self._columns):
            raise BrokenLine(f"The line has {len(cells)} values, and #fields names {len(self._columns)}.")
        unset, empty = self._value_of("#unset_field", "-"), self._value_of("#empty_field", "(empty)")
        between = self._value_of("#set_separator", ",")
        record: dict[str, Any] = {}
        for (name, kind), cell in zip(self._columns, cells, strict=True):
            if cell == empty:
                record[name] = [] if kind.startswith(SETS) else ""
            elif cell != unset:
                record[name] = _typed(cell, kind, between)
        if path := self._value_of("#path", ""):
            record.setdefault("_path", path)
        return record


def _typed(cell: str, kind: str, between: str) -> Any:
    """A cell by its Zeek type; text that is not of its type stays text, and the assembler says so."""
    if kind in NUMERIC:
        number = number_in(cell)
        return cell if number is None else number
    if kind == "bool":
        return {"T": True, "F": False}.get(cell, cell)
    return cell.split(between) if kind.startswith(SETS) else cell


def _unescaped(separator: str) -> str:
    """`\\x09` as Zeek writes it."""
    if separator.startswith("\\x"):
        code = separator[2:4]
        return chr(int(code, 16)) if len(code) == 2 and set(code) <= set("0123456789abcdefABCDEF") else "\t"
    return separator[:LONGEST_SETTING]
