"""Lines in, records out: micro-batches, each in one transaction with whatever acknowledges it."""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import IntegrityError, OperationalError, transaction

from events.models import EventSource
from events.services import aggregation, entities, slots, values
from events.services.arrivals import Arrival, Refused, read
from events.services.micro_batch import process
from events.services.outcome import Outcome
from events.services.records import Raced
from events.stream.event import Line
from events.stream.formats import Reader, detect_format, open_reader

BATCH = 256  # beyond it nothing is gained, one by one it costs ten times as much
TRIES = 20  # of a batch that met another worker's rows at the same moment
AUTO = "auto"

Acknowledge = Callable[[], object]


def _nothing() -> None:
    """For a caller that acknowledges nothing."""


@dataclass
class Intake:
    """Takes lines of one source, in their order. The first ones settle the format where the source leaves it open.

    `header` is that of a CSV file which was begun earlier.
    """

    source: EventSource
    format: str = ""
    header: str = ""
    clock: Callable[[], float] = time.time
    batch: int = BATCH
    total: Outcome = field(default_factory=Outcome)
    _reader: Reader | None = None

    def take(self, lines: list[Line], before_commit: Acknowledge = _nothing) -> Outcome:
        """One micro-batch, committed or rolled back as a whole; `before_commit` runs inside its transaction.

        Raises UnknownFormat when the format has to be told from lines that look like none.
        """
        reader = self._reader or self._open(lines)
        received = self.clock()
        arrivals, refused = read(self.source, lines, reader, received)
        return self._commit(arrivals, refused, received, before_commit)

    def refuse(self, lines: list[Line], reason: str, before_commit: Acknowledge = _nothing) -> Outcome:
        """Keep lines as dead letters, unread: for a sender that would bring them again and again."""
        refused = [Refused(line, reason, self.header) for line in lines]
        return self._commit([], refused, self.clock(), before_commit)

    def _commit(
        self, arrivals: list[Arrival], refused: list[Refused], received: float, before_commit: Acknowledge
    ) -> Outcome:
        for attempt in range(1, TRIES + 1):
            try:
                slots.widen(self.source, (one.reading for one in arrivals))
                with transaction.atomic():
                    outcome = process(self.source, arrivals, refused, received, self.format or AUTO)
                    before_commit()
            except (Raced, IntegrityError, OperationalError):
                if attempt == TRIES or transaction.get_connection().in_atomic_block:
                    raise
                time.sleep(random.uniform(0.0, 0.01 * min(attempt, 10)))  # noqa: S311 - a pause, not a secret
            else:
                break
        self.total.add(outcome)
        return outcome

    def take_all(self, lines: Iterable[Line]) -> Outcome:
        """Every line, in micro-batches; the total."""
        batch: list[Line] = []
        for line in lines:
            batch.append(line)
            if len(batch) == self.batch:
                self.take(batch)
                batch = []
        if batch:
            self.take(batch)
        return self.total

    @property
    def header_in_force(self) -> str:
        return self._reader.header if self._reader else self.header

    def _open(self, lines: list[Line]) -> Reader:
        name = self.format or self.source.format
        begun = self.header.encode().splitlines()
        self.format = detect_format([*begun, *(line.raw for line in lines)]) if name == AUTO else name
        self._reader = open_reader(self.format, header=self.header, entity_field=self.source.entity_field)
        return self._reader


def forget() -> None:
    """Drop what this process remembers of aggregates: it is read again from the rows."""
    aggregation.forget()
    entities.forget()
    values.forget()
    slots.forget()
