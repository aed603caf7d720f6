"""Lines on their way to becoming events: read, keyed, timed; or refused with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass

from events.models import EventSource
from events.stream.event import BrokenLine, Line, Reading
from events.stream.formats import Reader
from events.stream.keys import EventKey, event_key

FUTURE = 48 * 3600.0  # seconds that an event's clock may be ahead of ours: its zone may be any
TOO_LONG = "The line has {:,} bytes; at most 1,000,000 are read. Send large objects elsewhere and name them here."
CLOCK = "its clock cannot be right, so the time of receipt counts"


@dataclass(slots=True)
class Arrival:
    """An event with its key and the time that it counts under, seconds since 1970."""

    line: Line
    reading: Reading
    key: EventKey
    at: float


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot become an event, and why. `header` is what a CSV line needs to be read again."""

    line: Line
    reason: str
    header: str = ""


def read(
    source: EventSource, lines: Iterable[Line], reader: Reader, received: float
) -> tuple[list[Arrival], list[Refused]]:
    """Every line that is an event, and every line that is none; headers and blank lines are neither."""
    arrivals, refused = [], []
    for line in lines:
        try:
            if line.left_out:
                raise BrokenLine(TOO_LONG.format(len(line.raw) + line.left_out))
            reading = reader.read(line.raw)
        except BrokenLine as error:
            refused.append(Refused(line, str(error), reader.header))
            continue
        if reading is not None:
            arrivals.append(_arrival(source, line, reading, received))
    return arrivals, refused


def _arrival(source: EventSource, line: Line, reading: Reading, received: float) -> Arrival:
    at = reading.at
    if at is None:
        at = received
    elif not 0.0 <= at <= received + FUTURE:
        reading.problems.append(CLOCK)
        at = received
    return Arrival(line, reading, event_key(source.pk, reading.given_id, line), at)
