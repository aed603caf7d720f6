"""Which numeric fields and categories a source has: found as events come, never renumbered."""

import hashlib
from collections.abc import Iterable

from django.db import transaction

from events.models import EventSource, FeatureSet
from events.models.source import MOST_CATEGORIES, MOST_NUMBERS
from events.stream.event import Reading
from events.stream.features import feature_names

_sets: dict[tuple[int, str], FeatureSet] = {}


def forget() -> None:
    """Drop what this process remembers."""
    _sets.clear()


def widen(source: EventSource, readings: Iterable[Reading]) -> None:
    """Give fields that were never seen before a slot, up to 64 numbers and 8 categories; the rest stays in `fields`.

    Its own transaction: a slot that no event fills in the end does no harm.
    """
    numbers, categories = set(source.numbers), set(source.categories)
    new_numbers: dict[str, None] = {}
    new_categories: dict[str, None] = {}
    for reading in readings:
        if not reading.numbers.keys() <= numbers:
            new_numbers |= dict.fromkeys(name for name in reading.numbers if name not in numbers)
        if not reading.categories.keys() <= categories:
            new_categories |= dict.fromkeys(name for name in reading.categories if name not in categories)
    room = (len(numbers) < MOST_NUMBERS and new_numbers) or (len(categories) < MOST_CATEGORIES and new_categories)
    if not room:
        return
    with transaction.atomic():
        row = EventSource.objects.select_for_update().get(pk=source.pk)
        row.numbers = list(dict.fromkeys([*row.numbers, *new_numbers]))[:MOST_NUMBERS]
        row.categories = list(dict.fromkeys([*row.categories, *new_categories]))[:MOST_CATEGORIES]
        row.save(update_fields=["numbers", "categories"])
    source.numbers, source.categories = row.numbers, row.categories


def feature_set_of(source: EventSource) -> FeatureSet:
    """The names of the features that events of this source have now."""
    names = feature_names(source.numbers, source.categories)
    digest = hashlib.sha256("\0".join(names).encode()).hexdigest()
    if (known := _sets.get((source.pk, digest))) is None:
        known, _ = FeatureSet.objects.get_or_create(source=source, digest=digest, defaults={"names": list(names)})
        transaction.on_commit(lambda: _sets.__setitem__((source.pk, digest), known))
    return known
