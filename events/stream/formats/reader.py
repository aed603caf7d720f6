"""What every reader of a format has in common: bytes to clean text, and fields to a reading."""

from abc import ABC, abstractmethod

from events.stream.event import BrokenLine, Reading
from events.stream.formats.assembly import Assembler
from events.stream.formats.tables import Table
from events.stream.lines import MAX_LINE

MARK = b"\xef\xbb\xbf"  # a byte order mark, which some programs put before UTF-8
NO_UTF8 = "bytes that are no UTF-8 were replaced"
NO_NUL = "NUL characters were removed"


class Reader(ABC):
    """Reads the lines of one file or batch, in their order. Not for use by several threads at once."""

    def __init__(self, table: Table, *, header: str = "", entity_field: str = "") -> None:
        self.table = table
        self.assembler = Assembler(table, entity_field)

    @abstractmethod
    def read(self, raw: bytes) -> Reading | None:
        """The event that a line is; None for a line that is none by design. BrokenLine says what is wrong with it."""

    @property
    def header(self) -> str:
        """What has to be known of earlier lines to read the next one: a CSV's header; empty for most formats."""
        return ""


def refuse_long(raw: bytes) -> None:
    if len(raw) > MAX_LINE:
        raise BrokenLine(f"The line has {len(raw):,} bytes; at most {MAX_LINE:,} are taken.")


def clean_text(raw: bytes, problems: list[str]) -> str:
    """A line as text without byte order mark and NUL, which PostgreSQL cannot store; what was changed is noted."""
    refuse_long(raw)
    if raw.startswith(MARK):
        raw = raw[len(MARK) :]
    if b"\0" in raw:
        raw = raw.replace(b"\0", b"")
        problems.append(NO_NUL)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        problems.append(NO_UTF8)
        return raw.decode(errors="replace")
