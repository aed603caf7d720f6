"""Cutting a stream of bytes into lines of bounded memory."""

from collections.abc import Iterator
from typing import BinaryIO

from events.stream.event import Line

MAX_LINE = 1_000_000  # bytes; a longer line is refused, with its beginning kept
CHUNK = 1 << 18


def lines_of(stream: BinaryIO, origin: str, start: int = 0, *, whole_only: bool = False) -> Iterator[tuple[Line, int]]:
    """Lines without their ends, each with the position of the byte after it; offsets count bytes from `start`.

    With `whole_only`, a last line without its end is left for later: somebody is still writing it.
    """
    buffer, offset, left_out = b"", start, 0
    while chunk := stream.read(CHUNK):
        buffer += chunk
        *ended, buffer = buffer.split(b"\n")
        for raw in ended:
            following = offset + len(raw) + left_out + 1
            yield _line(raw, origin, offset, left_out), following
            offset, left_out = following, 0
        if len(buffer) > 2 * MAX_LINE:
            left_out += len(buffer) - MAX_LINE
            buffer = buffer[:MAX_LINE]
    if buffer and not whole_only:
        yield _line(buffer, origin, offset, left_out), offset + len(buffer) + left_out


def _line(raw: bytes, origin: str, offset: int, left_out: int) -> Line:
    if len(raw) > MAX_LINE:
        left_out += len(raw) - MAX_LINE
        raw = raw[:MAX_LINE]
    return Line(raw[:-1] if raw.endswith(b"\r") else raw, origin, offset, left_out)
