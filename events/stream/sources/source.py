"""What every source of lines can do: give the next batch with its offsets, and be told that it was stored."""

from dataclasses import dataclass
from typing import Any, Protocol

from events.stream.event import Line


class SourceUnavailable(Exception):
    """A source cannot be reached or read; the message says why and what to do."""


@dataclass(frozen=True)
class Poll:
    """One batch. `offsets` is what `ack` needs to know of it; `header` stood above the lines of a CSV file."""

    lines: list[Line]
    offsets: Any = None
    header: str = ""


class Source(Protocol):
    """Delivers at least once: what was polled and not acknowledged comes again."""

    def poll(self, most: int) -> Poll | None:
        """The next lines, at most so many; None when nothing waits. Raises SourceUnavailable."""

    def ack(self, poll: Poll) -> None:
        """Called once the batch has been committed."""

    def close(self) -> None:
        """Let go of connections."""
