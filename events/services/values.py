"""How often values of fields were seen, and which are new for an entity: what rarity is told from."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from events.models import EventSource, FirstSeen, ValueCount
from events.services.store import Insert, moment, select
from events.stream.features import rarity
from events.stream.keys import number_of

KEPT = 200_000  # keys that stay in memory, of each kind

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


@dataclass(slots=True)
class _Count:
    before: int
    added: int = 0
    first: float = 0.0
    last: float = 0.0


class ValueBook:
    """The counts of one micro-batch: read once, asked and raised event by event, merged back once."""

    def __init__(self, source: EventSource, values: Iterable[Value]) -> None:
        self._source_id = source.pk
        wanted = {value: key_of(source.pk, value) for value in {ALL, *values}}
        rows = select("SELECT id, n FROM events_valuecount WHERE id IN {values}", wanted.values())
        before = dict(rows)
        self._counts = {value: _Count(before.get(key, 0)) for value, key in wanted.items()}
        self._new: dict[Sighting, float] = {}

    def load_sightings(self, wanted: Iterable[Sighting]) -> None:
        """Learn which of the batch's entities have had which values; what is known for certain is not asked again."""
        unknown = {one: number_of(*one) for one in dict.fromkeys(wanted) if one not in _sighted}
        rows = select("SELECT id FROM events_firstseen WHERE id IN {values}", unknown.values())
        there = {key for (key,) in rows}
        self._fresh = {one for one, key in unknown.items() if key not in there}
        old = [one for one in unknown if one not in self._fresh]
        transaction.on_commit(lambda: _remember(old))

    def see(self, entity_id: int, value: Value, at: float) -> tuple[float, float]:
        """Rarity of a value before this event, and 1.0 where it is new for the entity; then counts it."""
        count = self._counts[value]
        rare = rarity(count.before + count.added, self._counts[ALL].before + self._counts[ALL].added)
        self._raise(count, at)
        sighting = (entity_id, *value)
        if sighting not in self._fresh:
            return rare, 0.0
        self._fresh.discard(sighting)
        self._new[sighting] = at
        return rare, 1.0

    def count_event(self, at: float) -> None:
        self._raise(self._counts[ALL], at)

    def save(self) -> None:
        rows = [
            (key_of(self._source_id, value), self._source_id, *value, one.added, moment(one.first), moment(one.last))
            for value, one in self._counts.items()
            if one.added
        ]
        _COUNTS.run(sorted(rows))
        _FIRST.run(sorted((number_of(*one), *one, moment(at)) for one, at in self._new.items()))
        seen = list(self._new)
        transaction.on_commit(lambda: _remember(seen))

    def _raise(self, count: _Count, at: float) -> None:
        count.first = min(count.first, at) if count.added else at
        count.last = max(count.last, at) if count.added else at
        count.added += 1


def _remember(sightings: Iterable[Sighting]) -> None:
    if len(_sighted) >= KEPT:
        _sighted.clear()
    _sighted.update(dict.fromkeys(sightings))
