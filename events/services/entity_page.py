"""What the pages of entities show: the running aggregates with their history."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from config.store import select
from events.models import Detection, Entity, Event, FieldState, FirstSeen
from events.models.entity import pane_key, pane_of
from events.models.source import MOST_NUMBERS
from events.services.bars import Bars, bars
from events.services.feature_words import notable, summary
from events.stream.aggregates import DECAY

SPANS = {1: 1, 24: 15, 168: 120}  # hours that can be looked back: minutes that a bar stands for
SHOWN_EVENTS, SHOWN_VALUES, SHOWN_DETECTIONS = 15, 20, 10


@dataclass(frozen=True)
class FieldFacts:
    """One numeric field of an entity, in raw units. `deviation` is None for fewer than two values."""

    name: str
    n: int
    mean: float
    deviation: float | None
    low: float
    high: float
    decayed_mean: float


@dataclass(frozen=True)
class EventLine:
    """An event as a row of a list: what it says, and what is unusual about it."""

    event: Event
    words: str
    notable: Sequence[str]


@dataclass(frozen=True)
class EntityPage:
    """`rate` in events an hour, lately; `history` ends with the entity's last event."""

    entity: Entity
    rate: float
    fields: Sequence[FieldFacts]
    hours: int
    minutes: int
    history: Bars
    first_seen: Sequence[FirstSeen]
    values: int
    detections: Sequence[Detection]
    events: Sequence[EventLine]


def search_entities(q: str, source_id: int | None) -> QuerySet[Entity]:
    """Those whose name has `q` in it, the last seen first."""
    wanted = Q(name__icontains=q) if q else Q()
    if source_id is not None:
        wanted &= Q(source_id=source_id)
    return Entity.objects.filter(wanted).select_related("source").order_by("-last_seen", "-pk")


def entity_page(entity: Entity, hours: int, now: dt.datetime) -> EntityPage:
    """`hours` is one of SPANS."""
    seen = FirstSeen.objects.of_entities([entity.pk])
    return EntityPage(
        entity=entity,
        rate=_rate(entity, now.timestamp()),
        fields=_fields(entity),
        hours=hours,
        minutes=SPANS[hours],
        history=_history(entity, hours),
        first_seen=list(seen.order_by("-at")[:SHOWN_VALUES]),
        values=seen.count(),
        detections=list(entity.detections.select_related("incident").order_by("-last_seen")[:SHOWN_DETECTIONS]),
        events=event_lines(Event.objects.filter(entity=entity), SHOWN_EVENTS),
    )


def event_lines(events: QuerySet[Event], most: int) -> list[EventLine]:
    """The newest of them, in words."""
    rows = events.select_related("source", "entity", "feature_set").order_by("-pk")[:most]
    return [EventLine(event, summary(event), [] if event.is_dropped else notable(event)) for event in rows]


def _fields(entity: Entity) -> list[FieldFacts]:
    start = entity.pk * MOST_NUMBERS
    names = entity.source.numbers
    rows = FieldState.objects.filter(pk__gte=start, pk__lt=start + len(names)).order_by("pk")
    return [_facts(names[row.pk - start], row) for row in rows]


def _facts(name: str, row: FieldState) -> FieldFacts:
    deviation = math.sqrt(max(0.0, row.m2) / (row.n - 1)) if row.n > 1 else None
    decayed_mean = row.decayed_sum / row.weight if row.weight else row.mean
    return FieldFacts(name, row.n, row.mean, deviation, row.low, row.high, decayed_mean)


def _rate(entity: Entity, now: float) -> float:
    """Events an hour: the decayed number of events, brought to now, over the decay's mean life."""
    return entity.weight * math.exp(-DECAY * max(0.0, now - entity.decayed_at)) * DECAY * 3600.0


def _history(entity: Entity, hours: int) -> Bars:
    """Events by minutes of their own time, up to the entity's last event."""
    wide = SPANS[hours]
    last = int(entity.last_seen.timestamp() // 60) // wide
    first = last - hours * 60 // wide + 1
    counts = [0] * (last - first + 1)
    keys = (pane_key(entity.pk, minute) for minute in range(first * wide, (last + 1) * wide))
    for key, events in select("SELECT id, events FROM events_entitypane WHERE id IN {values}", keys):
        counts[pane_of(key)[1] // wide - first] += events
    times = [dt.datetime.fromtimestamp(place * wide * 60, dt.UTC) for place in range(first, last + 1)]
    shape = "%H:%M" if hours == 1 else "%d %b, %H:%M"
    return bars(counts, [time.strftime(shape) for time in times])
