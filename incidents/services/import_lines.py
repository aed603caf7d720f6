"""The lines of a text file for the csv module, with a memory of where a record began."""

import codecs
import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext

LONGEST_LINE = 1_000_000  # characters; a longer one is no table, and would be read into memory whole
_SNIFFED = 4096  # bytes
_BINARY_SHARE = 0.05  # of NUL bytes; a single one in a report refuses that report only
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SPREADSHEET = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx and ods; xls


class FileUnreadable(Exception):
    """Nothing of the file can be imported; the message says why and what to do."""


class Lines:
    """An iterator over lines with their ends. `first` is the number of the record's first line, from 1.

    The csv module swallows lines until a quote closes. When that ends badly, `reread_all_but_first` gives all of
    them but the first out again, so that one forgotten quote costs one row.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self.first = 1
        self._stream = stream
        self._record: list[str] = []
        self._again: deque[str] = deque()

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._stream.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) >= LONGEST_LINE:
            raise FileUnreadable(
                gettext("line %(line)s has %(most)s characters or more: is it a CSV file?")
                % {"line": self.first + len(self._record), "most": f"{LONGEST_LINE:,}"}
            )
        self._record.append(line)
        return line

    def begin_record(self) -> None:
        self.first += len(self._record)
        self._record = []

    def reread_all_but_first(self) -> None:
        self._again.extendleft(reversed(self._record[1:]))
        del self._record[1:]


@contextmanager
def open_lines(path: Path) -> Iterator[Lines]:
    """As `lines_of`; raises FileUnreadable also for what cannot be opened."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise FileUnreadable(gettext("it cannot be opened: %(why)s.") % {"why": error.strerror or error}) from error
    with lines_of(raw) as lines:
        yield lines


@contextmanager
def lines_of(raw: io.BufferedReader) -> Iterator[Lines]:
    """The lines of an open UTF-8 file, with or without a byte order mark; closes it.

    Bytes that are not UTF-8 come as lone surrogates. Raises FileUnreadable for what is no UTF-8 text at all.
    """
    with io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        _check_beginning(raw.peek(_SNIFFED)[:_SNIFFED])
        yield Lines(stream)


def _check_beginning(beginning: bytes) -> None:
    if not beginning.removeprefix(codecs.BOM_UTF8).strip():
        raise FileUnreadable(gettext("it is empty, or begins with nothing but blank lines."))
    if beginning.startswith(_UTF16):
        raise FileUnreadable(
            gettext("it is UTF-16: save it as UTF-8 (for example: iconv -f UTF-16 -t UTF-8 OLD > NEW).")
        )
    if beginning.startswith(_SPREADSHEET):
        raise FileUnreadable(gettext("it is a spreadsheet or an archive: export the table as CSV in UTF-8."))
    if beginning.count(b"\0") > len(beginning) * _BINARY_SHARE:
        raise FileUnreadable(gettext("it is binary, not text: export the table as CSV in UTF-8."))
