"""Where reports to classify come from: a file or stdin, CSV or NDJSON, told apart by the first character."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.commands import stop

STDIN = "-"
READ_SIZE = 65_536  # bytes
LONGEST_LINE = 1_000_000  # bytes; a report of 20,000 characters needs at most 240,000, escaped
_BLANK = b"\xef\xbb\xbf \t\r\n"


class Source(io.RawIOBase):
    """A byte stream that gives what has arrived without waiting for more, and whose beginning can be looked at."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self._ahead = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._ahead[: len(buffer)] or self._raw.read(len(buffer)) or b""
        self._ahead = self._ahead[len(data) :]
        buffer[: len(data)] = data
        return len(data)

    def is_ndjson(self) -> bool:
        """Whether the first character that is no blank opens an object."""
        while not self._ahead.lstrip(_BLANK):
            if not (more := self._raw.read(READ_SIZE)):
                return False
            self._ahead = self._ahead.lstrip(_BLANK) + more
        return self._ahead.lstrip(_BLANK).startswith(b"{")

    def close(self) -> None:
        self._raw.close()
        super().close()


@contextmanager
def opened(file: str) -> Iterator[Source]:
    """A file by its name, or stdin for "-"."""
    try:
        raw = io.FileIO(os.dup(0) if file == STDIN else Path(file))
    except OSError as error:
        raise stop(f"{file} cannot be opened: {error.strerror}.") from error
    source = Source(raw)
    try:
        yield source
    except OSError as error:
        raise stop(f"{file} cannot be read: {error.strerror}.") from error
    finally:
        source.close()


def arrived_lines(source: Source, most: int) -> Iterator[list[bytes | None]]:
    """Lines without their ends, in lists of at most `most`: all that have arrived, so that nobody waits for more.

    None stands for a line that is too long; its bytes are not kept.
    """
    rest, too_long = b"", False
    while data := source.read(READ_SIZE):
        *whole, rest = (rest + data).split(b"\n")
        lines: list[bytes | None] = [None if len(line) > LONGEST_LINE else line for line in whole]
        if too_long and lines:
            lines[0], too_long = None, False
        if too_long or len(rest) > LONGEST_LINE:
            rest, too_long = b"", True
        for start in range(0, len(lines), most):
            yield lines[start : start + most]
    if rest or too_long:
        yield [None if too_long else rest]
