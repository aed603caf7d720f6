"""Lines for tests of the stream, and the plain recomputation that its aggregates are held against."""

import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from events.models import Entity, EventSource, FieldState
from events.models.source import MOST_NUMBERS
from events.services.ingest import Intake
from events.services.outcome import Outcome
from events.stream.event import Line

NOW = 1_790_000_000.0
_places = count()


def session(user: str = "alice", at: float = NOW, **overrides: Any) -> dict[str, Any]:
    values = {"user": user, "timestamp": at, "failed": 0, "bytes": 100.0, "message": "User opened report 7"}
    return values | overrides


def lines(events: Iterable[dict[str, Any] | bytes], origin: str = "test") -> list[Line]:
    """A line for each event, each at a place of its own."""
    return [Line(one if isinstance(one, bytes) else json.dumps(one).encode(), origin, next(_places)) for one in events]


def take(source: EventSource, sent: Sequence[Line], at: float = NOW + 60, **options: Any) -> Outcome:
    """Process lines as received at `at`."""
    return Intake(source, clock=lambda: at, **options).take_all(sent)


def states_of(source: EventSource) -> dict[tuple[str, str], FieldState]:
    """Every aggregate of a source, by entity and field."""
    found = {}
    for entity in Entity.objects.filter(source=source):
        keys = range(entity.pk * MOST_NUMBERS, (entity.pk + 1) * MOST_NUMBERS)
        for state in FieldState.objects.filter(pk__in=keys):
            found[entity.name, source.numbers[state.pk % MOST_NUMBERS]] = state
    return found


def recomputed(events: Iterable[dict[str, Any]], field: str) -> dict[str, dict[str, float]]:
    """n, mean, variance, low and high of a field by user, from the events themselves."""
    values: dict[str, list[float]] = defaultdict(list)
    for event in events:
        values[event["user"]].append(float(event[field]))
    return {
        user: {
            "n": len(own), "mean": statistics.fmean(own), "low": min(own), "high": max(own),
            "variance": statistics.variance(own) if len(own) > 1 else 0.0,
        }
        for user, own in values.items()
    }  # fmt: skip
