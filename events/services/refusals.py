"""Keeping what could not become an event, with the reason, so that nothing is lost."""

from collections.abc import Sequence

from config.store import Insert, moment
from events.models import DeadLetter, EventSource
from events.services.arrivals import Refused
from events.stream.keys import event_key

MOST_KEPT = 100_000  # characters of a line

_DEAD_LETTERS = Insert(
    DeadLetter,
    ("source_id", "key", "format", "header", "place", "line", "size", "reason", "state", "created_at"),
    # A line that is read again and refused again waits again, under its new reason.
    "ON CONFLICT (source_id, key) DO UPDATE SET state = excluded.state, reason = excluded.reason,"
    " format = excluded.format WHERE {t}.state = 'replayed'",
)


def bury(source: EventSource, refused: Sequence[Refused], received: float, format: str) -> None:
    """Store dead letters, once each however often they are delivered. In the transaction of their micro-batch."""
    now = moment(received)
    _DEAD_LETTERS.run(
        [
            (
                *(source.pk, event_key(source.pk, "", one.line).key, format, one.header),
                *(f"{one.line.origin}, {one.line.offset}"[:300], _readable(one.line.raw)),
                *(len(one.line.raw) + one.line.left_out, one.reason[:300], DeadLetter.State.WAITING, now),
            )
            for one in refused
        ]
    )


def _readable(raw: bytes) -> str:
    """The line as text that any database holds; bytes that are no text are spelt out."""
    return raw[: 4 * MOST_KEPT].decode(errors="backslashreplace").replace("\0", "\\x00")[:MOST_KEPT]
