"""Rows of the event stream for tests, each with sensible values that a test overrides where it matters."""

import hashlib
from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from events.models import DeadLetter, Detection, Entity, Event, EventSource, FeatureSet, SourceMinute

_numbers = count(1)


def make_source(name: str = "", **overrides: Any) -> EventSource:
    return EventSource.objects.create(name=name or f"stream-{next(_numbers)}", **overrides)


def make_entity(source: EventSource, name: str = "", **overrides: Any) -> Entity:
    now = timezone.now()
    values: dict[str, Any] = {"kind": "user.name", "first_seen": now, "last_seen": now}
    return Entity.objects.create(source=source, name=name or f"user-{next(_numbers)}", **values | overrides)


def make_feature_set(source: EventSource, names: Sequence[str]) -> FeatureSet:
    """The set of these names, made if it is not there yet."""
    digest = hashlib.sha256("\0".join(names).encode()).hexdigest()
    return FeatureSet.objects.get_or_create(source=source, digest=digest, defaults={"names": list(names)})[0]


def make_events(
    source: EventSource, matrix: NDArray[np.float64], names: Sequence[str], **overrides: Any
) -> list[Event]:
    """An event per row of (N, F) features, received now; `overrides` are columns of `Event`.

    An override that is a list holds one value an event. They are counted in their source's minute, as ingestion does.
    """
    now = timezone.now()
    own = {name: values for name, values in overrides.items() if isinstance(values, list | np.ndarray)}
    shared: dict[str, Any] = {
        "source": source, "content": 1, "at": now, "received_at": now, "day": now.date(), "fields": {},
        "feature_set": make_feature_set(source, names), "decision": Event.Decision.UNSCORED,
    }  # fmt: skip
    shared |= {name: value for name, value in overrides.items() if name not in own}
    shared["entity"] = shared.get("entity") or make_entity(source)
    events = [
        Event(
            key=hashlib.sha256(f"{source.pk} {next(_numbers)}".encode()).digest()[:16],
            features=np.asarray(row, np.float64).tobytes(),
            **shared | {name: _plain(values[place]) for name, values in own.items()},
        )
        for place, row in enumerate(matrix)
    ]
    made = Event.objects.bulk_create(events, batch_size=500)
    _count(source, made)
    return made


def make_detection(entity: Entity, cause: str = "", **overrides: Any) -> Detection:
    """An open detection of one event, just seen."""
    now = timezone.now()
    values: dict[str, Any] = {
        "source": entity.source, "cause": cause or f"unusual field-{next(_numbers)}", "count": 1, "first_seen": now,
        "last_seen": now, "score": 0.8, "percentile": 99.9, "threshold": 0.6, "explanation": ["bytes 9: much more."],
    }  # fmt: skip
    return Detection.objects.create(entity=entity, **values | overrides)


def make_dead_letter(source: EventSource, line: str = '{"user.name": "asha"', **overrides: Any) -> DeadLetter:
    """A line that waits."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "key": hashlib.sha256(f"letter {number}".encode()).digest()[:16], "format": "json", "place": f"batch, {number}",
        "size": len(line.encode()), "reason": "It is no JSON object: the line is cut off.",
    }  # fmt: skip
    return DeadLetter.objects.create(source=source, line=line, **values | overrides)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _count(source: EventSource, events: Sequence[Event]) -> None:
    minute = events[0].received_at.replace(second=0, microsecond=0) if events else timezone.now()
    row, _ = SourceMinute.objects.get_or_create(source=source, minute=minute)
    row.received += len(events)
    row.dropped += sum(event.is_dropped for event in events)
    row.scored += sum(event.score is not None for event in events)
    row.above += sum(event.decision in {Event.Decision.ABOVE, Event.Decision.PICKED} for event in events)
    row.save()
