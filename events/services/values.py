"""How often values of fields were seen, and which are new for an entity: what rarity is told from."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from config.store import Insert, moment, select
from events.models import EventSource, FirstSeen, ValueCount
from events.models.entity import SIGHTINGS
from events.stream.features import rarity
from events.stream.keys import number_of

KEPT = 200_000  # keys that stay in memory, of each kind; then they are looked up anew

Value = tuple[str, str]  # field, value
Sighting = tuple[int, str, str]  # entity, field, value

_COUNTS = Insert(
    ValueCount,
    ("id", "source_id", "field", "value", "n", "first_seen", "last_seen"),
    "ON CONFLICT (id) DO UPDATE SET n = {t}.n + excluded.n,"
    " first_seen = {least}({t}.first_seen, excluded.first_seen),"
    " last_seen = {greatest}({t}.last_seen, excluded.last_seen)",
)
_FIRST = Insert(FirstSeen, ("id", "entity_id", "field", "value", "at"), "ON CONFLICT (id) DO NOTHING")
ALL: Value = ("", "")  # counts every event of the source

_keys: dict[tuple[int, Value], int] = {}
_sighted: dict[Sighting, None] = {}


def forget() -> None:
    """Drop what this process remembers."""
    _keys.clear()
    _sighted.clear()


def key_of(source_id: int, value: Value) -> int:
    """The key of a counted value."""
    if (known := _keys.get((source_id, value))) is not None:
        return known
    if len(_keys) >= KEPT:
        _keys.clear()
    return _keys.setdefault((source_id, value), number_of(source_id, *value))


def sighting_key(sighting: Sighting) -> int:
    """The key of an entity's value."""
    return sighting[0] * SIGHTINGS + number_of(*sighting[1:]) % SIGHTINGS


@dataclass(slots=True)
class _Count:
    """A value in this batch: sightings so far, those of the batch among them, their first and last time."""

    n: int
    added: int = 0
    first: float = math.inf
    last: float = 0.0

    def add(self, at: float) -> None:
        self.n += 1
        self.added += 1
        if at < self.first:
            self.first = at
        if at > self.last:
            self.last = at


class ValueBook:
    """The values of B events: counts are read once, asked and raised event by event, merged back once.

    `at` (seconds since 1970) and `entity_ids` stand one an event, as the values of each column do; "" is no value.
    """

    def __init__(
        self, source: EventSource, at: Sequence[float], entity_ids: Sequence[int], columns: Mapping[str, Sequence[str]]
    ) -> None:
        self._source_id, self._at, self._entity_ids, self._columns = source.pk, at, entity_ids, columns
        values = {(field, value) for field, listed in columns.items() for value in listed if value}
        self._keys = {value: key_of(source.pk, value) for value in (ALL, *values)}
        before = dict(select("SELECT id, n FROM events_valuecount WHERE id IN {values}", self._keys.values()))
        self._counts = {value: _Count(before.get(key, 0)) for value, key in self._keys.items()}
        self._fresh, old = self._unseen()
        self._new: dict[Sighting, float] = {}
        transaction.on_commit(lambda: _remember(old))

    def features(self) -> NDArray[np.float64]:
        """(B, 2 C): for each column the rarity of the event's value so far, and 1 where it is new for the entity."""
        total = self._counts[ALL].n
        for at in self._at:
            self._counts[ALL].add(at)
        return np.array([self._column(field, total) for field in self._columns]).reshape(-1, len(self._at)).T

    def key(self, field: str, value: str) -> int:
        return self._keys[field, value]

    def save(self, received: float) -> None:
        """Merge the counts; `received` is seconds since 1970. A value is last seen when it came, however old its event
        is: else retention would forget the values of a clock that is years behind, or of an old file, every day.
        """
        rows = [
            (self._keys[value], self._source_id, *value, one.added, moment(one.first), moment(max(one.last, received)))
            for value, one in self._counts.items()
            if one.added
        ]
        _COUNTS.run(sorted(rows))
        _FIRST.run(sorted((sighting_key(one), *one, moment(at)) for one, at in self._new.items()))
        new = list(self._new)
        transaction.on_commit(lambda: _remember(new))

    def _column(self, field: str, total: int) -> tuple[list[float], list[float]]:
        rare, new = [], []
        for place, value in enumerate(self._columns[field]):
            if not value:
                rare.append(math.nan)
                new.append(math.nan)
                continue
            count, sighting = self._counts[field, value], (self._entity_ids[place], field, value)
            rare.append(rarity(count.n, total + place))
            count.add(self._at[place])
            new.append(float(sighting in self._fresh))
            if sighting in self._fresh:
                self._fresh.discard(sighting)
                self._new[sighting] = self._at[place]
        return rare, new

    def _unseen(self) -> tuple[set[Sighting], list[Sighting]]:
        """Of what this process does not know, the sightings that no row tells of, and the others."""
        unknown: dict[Sighting, int] = {}
        for field, listed in self._columns.items():
            for sighting in zip(self._entity_ids, repeat(field), listed):
                if sighting[2] and sighting not in _sighted and sighting not in unknown:
                    unknown[sighting] = sighting_key(sighting)
        there = {key for (key,) in select("SELECT id FROM events_firstseen WHERE id IN {values}", unknown.values())}
        fresh = {one for one, key in unknown.items() if key not in there}
        return fresh, [one for one in unknown if one not in fresh]


def _remember(sightings: Iterable[Sighting]) -> None:
    if len(_sighted) >= KEPT:
        _sighted.clear()
    _sighted.update(dict.fromkeys(sightings))
