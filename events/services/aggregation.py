"""The features of a micro-batch: every event's read before it is added, in order, whatever the size of the batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from events.models import EventSource, ValueCount
from events.services import entities
from events.services.arrivals import Arrival
from events.services.entities import Loaded, Name
from events.services.values import ValueBook
from events.stream.aggregates import EVENTS
from events.stream.features import TEMPLATE, known_news, message_features
from events.stream.templates import Templates

NAMELESS: Name = ("event.dataset", "all")  # of an event that names nobody: the source as a whole

NOTHING = float("nan")
LARGEST = 1e100
HUGE = "a number beyond 1e100 was left out of the aggregates"
MOST_KNOWN = 2_000  # templates that a process begins with

_templates: dict[int, Templates] = {}


def forget() -> None:
    """Drop what this process remembers."""
    _templates.clear()


@dataclass(frozen=True)
class Aggregated:
    """Per event, in order: (N, F) features, its entity's place in `entities`, its log template and the key of that.

    The template is "" and its key None without a message.
    """

    rows: NDArray[np.float64]
    entities: Loaded
    places: Sequence[int]
    templates: Sequence[str]
    template_ids: Sequence[int | None]

    @property
    def entity_ids(self) -> list[int]:
        ids: list[int] = self.entities.ids[self.places].tolist()
        return ids

    def entity_id(self, event: int) -> int:
        return int(self.entities.ids[self.places[event]])

    def entity_kind(self, event: int) -> str:
        return self.entities.names[self.places[event]][0]


def aggregate(source: EventSource, arrivals: Sequence[Arrival], received: float) -> Aggregated:
    """Read and raise the aggregates of a batch's new events. Call it inside a transaction."""
    names = [_name(one) for one in arrivals]
    loaded = entities.load(source, names, received, min(one.at for one in arrivals))
    places = np.array([loaded.places[name] for name in names], np.int64)
    at = np.array([one.at for one in arrivals])
    numbers = _numbers(source, arrivals)
    messages = [one.reading.message for one in arrivals]
    found = _templates_of(source)
    templates = [found.of(message).text if message else "" for message in messages]
    book = ValueBook(source, at.tolist(), loaded.ids[places].tolist(), _columns(source, arrivals, templates))
    read = loaded.states.read(places, at, numbers)
    rows = np.column_stack([read, message_features(messages), known_news(book.features(), read[:, EVENTS])])
    entities.save(source, loaded, places, at, numbers)
    book.save(received)
    keys = [book.key(TEMPLATE, template) if template else None for template in templates]
    return Aggregated(rows, loaded, places.tolist(), templates, keys)


def _name(arrival: Arrival) -> Name:
    reading = arrival.reading
    return (reading.entity_kind, reading.entity) if reading.entity else NAMELESS


def _numbers(source: EventSource, arrivals: Sequence[Arrival]) -> NDArray[np.float64]:
    """(B, F) by slot; NaN where an event lacks a field, or holds a number whose square no database could hold."""
    rows = [[one.reading.numbers.get(field, NOTHING) for field in source.numbers] for one in arrivals]
    values = np.array(rows, np.float64).reshape(len(arrivals), len(source.numbers))
    huge = np.abs(values) > LARGEST
    for place in np.flatnonzero(huge.any(axis=1)).tolist():
        problems = arrivals[place].reading.problems
        if HUGE not in problems:  # a batch that is tried again comes by again
            problems.append(HUGE)
    values[huge] = NOTHING
    return values


def _columns(source: EventSource, arrivals: Sequence[Arrival], templates: Sequence[str]) -> dict[str, Sequence[str]]:
    """The values that are counted, in the order of the features."""
    of_field = {field: [one.reading.categories.get(field, "") for one in arrivals] for field in source.categories}
    return {TEMPLATE: templates, **of_field}


def _templates_of(source: EventSource) -> Templates:
    """The source's, which a new process takes up with those that were found before it."""
    if source.pk not in _templates:
        before = ValueCount.objects.filter(source=source, field=TEMPLATE).order_by("-n")
        _templates[source.pk] = Templates(known=before.values_list("value", flat=True)[:MOST_KNOWN])
    return _templates[source.pk]
