"""What the stream works on: one event as read from a line, in canonical names and raw units."""

from dataclasses import dataclass, field
from typing import Any


class BrokenLine(ValueError):
    """A line cannot become an event; the message says why, in a sentence for people, without quoting the line."""


@dataclass(slots=True)
class Reading:
    """A line as a format understands it, before it is known where it stood and when it came.

    `fields` are JSON values under canonical ECS names ("source.ip"), and unknown ones under their own. `numbers` and
    `categories` are those of the fields that are aggregated and counted. `at` is seconds since 1970 (UTC), or None.
    """

    fields: dict[str, Any]
    numbers: dict[str, float]
    categories: dict[str, str]
    entity_kind: str = ""
    entity: str = ""
    message: str = ""
    at: float | None = None
    given_id: str = ""
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """A raw line with its place: `origin` names the batch or file, `offset` is the line's number or byte in it.

    `left_out` counts bytes of a line so long that only its beginning was kept: it cannot become an event.
    """

    raw: bytes
    origin: str
    offset: int
    left_out: int = 0
