"""The features of a micro-batch: every event's read before it is added, in order, whatever the size of the batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from events.models import EventSource, ValueCount
from events.services import entities
from events.services.arrivals import Arrival
from events.services.entities import Name, Part
from events.services.values import Value, ValueBook, key_of
from events.stream.features import NOTHING, TEMPLATE, features_of
from events.stream.templates import Templates

NAMELESS: Name = ("event.dataset", "all")  # of an event that names nobody: the source as a whole

MOST_KNOWN = 2_000  # templates that a process begins with

_templates: dict[int, Templates] = {}


def forget() -> None:
    """Drop what this process remembers."""
    _templates.clear()


@dataclass(frozen=True)
class Aggregated:
    """Per event, in order: (N, F) features, its entity, and the value of its log template ("" without a message)."""

    rows: NDArray[np.float64]
    parts: Sequence[Part]
    templates: Sequence[str]
    template_ids: Sequence[int | None]


def aggregate(source: EventSource, arrivals: Sequence[Arrival], received: float) -> Aggregated:
    """Read and raise the aggregates of a batch's new events. Call it inside a transaction."""
    names = [_name(one) for one in arrivals]
    parts = entities.load(source, names, received)
    found = _templates_of(source)
    templates = [found.of(one.reading.message).text if one.reading.message else "" for one in arrivals]
    values = [_values(source, one, template) for one, template in zip(arrivals, templates, strict=True)]
    book = ValueBook(source, (value for listed in values for value in listed if value))
    book.load_sightings(
        (parts[name].id, *value) for name, listed in zip(names, values, strict=True) for value in listed if value
    )
    slots = {field: slot for slot, field in enumerate(source.numbers)}
    rows = []
    for one, name, listed in zip(arrivals, names, values, strict=True):
        part = parts[name]
        counted: list[float] = []
        for value in listed:
            counted += book.see(part.id, value, one.at) if value else (NOTHING, NOTHING)
        book.count_event(one.at)
        numbers = {slots[field]: x for field, x in one.reading.numbers.items() if field in slots}
        rows.append(features_of(part.state, one.at, numbers, len(slots), one.reading.message, counted))
        part.add(one.at, numbers)
    entities.save(source, parts.values())
    book.save()
    ids = [key_of(source.pk, (TEMPLATE, template)) if template else None for template in templates]
    return Aggregated(np.array(rows, np.float64), [parts[name] for name in names], templates, ids)


def _templates_of(source: EventSource) -> Templates:
    """The source's, which a new process takes up with those that were found before it."""
    if source.pk not in _templates:
        before = ValueCount.objects.filter(source=source, field=TEMPLATE).order_by("-n")
        _templates[source.pk] = Templates(known=before.values_list("value", flat=True)[:MOST_KNOWN])
    return _templates[source.pk]


def _name(arrival: Arrival) -> Name:
    reading = arrival.reading
    return (reading.entity_kind, reading.entity) if reading.entity else NAMELESS


def _values(source: EventSource, arrival: Arrival, template: str) -> list[Value | None]:
    """The template and the categories, in the order of the features."""
    categories = arrival.reading.categories
    named: list[Value | None] = [(TEMPLATE, template) if template else None]
    return named + [(field, categories[field]) if field in categories else None for field in source.categories]
