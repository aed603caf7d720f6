"""The aggregates of entities: read before a micro-batch, merged back in its transaction.

What was read stays in the process until the entity's number of events says that somebody else has added to it. The
rows are the truth: each upsert adds this batch's part to whatever stands there by then.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from config.store import Insert, moment, select
from events.models import Entity, EntityPane, EventSource, FieldState
from events.models.entity import BLOCK, WINDOWED, pane_key, pane_of
from events.models.source import MOST_NUMBERS
from events.services.entity_memory import Memory
from events.stream.aggregates import AT, DECAY, FAR, RING, WINDOW, Added, Floats, Ints, N, States, added

Name = tuple[str, str]  # kind, name


def _fade(column: str) -> str:
    """Both sides of a decayed value brought to the later of their two times; exponents stay above underflow."""
    later, here, there = "excluded.decayed_at >= {t}.decayed_at", f"{{t}}.{column}", f"excluded.{column}"
    ours = f"exp({{greatest}}(-{FAR}, -{DECAY!r} * (excluded.decayed_at - {{t}}.decayed_at)))"
    theirs = f"exp({{greatest}}(-{FAR}, -{DECAY!r} * ({{t}}.decayed_at - excluded.decayed_at)))"
    return f"{column} = CASE WHEN {later} THEN {here} * {ours} + {there} ELSE {here} + {there} * {theirs} END"


_SUMS = tuple(f"sum_{place}" for place in range(WINDOWED))
_NEW_ENTITIES = Insert(
    Entity,
    ("source_id", "kind", "name", "events", "first_seen", "last_seen", "weight", "decayed_at"),
    "ON CONFLICT (source_id, kind, name) DO NOTHING",
)
_ENTITIES = Insert(
    Entity,
    ("id", "source_id", "kind", "name", "events", "first_seen", "last_seen", "weight", "decayed_at"),
    "ON CONFLICT (id) DO UPDATE SET events = {t}.events + excluded.events,"  # nosec B608 # names of our own tables and columns, values are bound
    " first_seen = {least}({t}.first_seen, excluded.first_seen),"
    " last_seen = {greatest}({t}.last_seen, excluded.last_seen),"
    f" {_fade('weight')}, decayed_at = {{greatest}}({{t}}.decayed_at, excluded.decayed_at)",
)
_FIELDS = Insert(
    FieldState,
    ("id", "n", "mean", "m2", "low", "high", "weight", "decayed_sum", "decayed_at"),
    "ON CONFLICT (id) DO UPDATE SET"  # nosec B608 # names of our own tables and columns, values are bound
    " m2 = {t}.m2 + excluded.m2"
    " + (excluded.mean - {t}.mean) * (excluded.mean - {t}.mean) * {t}.n * excluded.n / ({t}.n + excluded.n),"
    " mean = {t}.mean + (excluded.mean - {t}.mean) * excluded.n / ({t}.n + excluded.n),"
    " n = {t}.n + excluded.n, low = {least}({t}.low, excluded.low), high = {greatest}({t}.high, excluded.high),"
    f" {_fade('weight')}, {_fade('decayed_sum')},"
    " decayed_at = {greatest}({t}.decayed_at, excluded.decayed_at)",
)
_PANES = Insert(
    EntityPane,
    ("id", "events", *_SUMS),
    "ON CONFLICT (id) DO UPDATE SET events = {t}.events + excluded.events, "  # nosec B608 # names of our own tables and columns, values are bound
    + ", ".join(f"{column} = {{t}}.{column} + excluded.{column}" for column in _SUMS),
)

_memory = Memory()
forget = _memory.clear


@dataclass(frozen=True, slots=True)
class Loaded:
    """The entities of a batch: row numbers and names by place, the places by name, and their states before it."""

    ids: Ints
    names: Sequence[Name]
    places: dict[Name, int]
    states: States


def load(source: EventSource, names: Iterable[Name], received: float, earliest: float) -> Loaded:
    """The entities of those names, made where they are new, with their state before this batch.

    `earliest` is the time of the batch's first event: minutes that it cannot look back on are not read.
    """
    wanted = set(names)
    rows = _rows(source, wanted)
    if missing := sorted(wanted - rows.keys()):
        now = moment(received)
        _NEW_ENTITIES.run([(source.pk, kind, name, 0, now, now, 0.0, 0.0) for kind, name in missing])
        rows |= _rows(source, set(missing))
    ordered = sorted(rows, key=lambda name: rows[name][0])
    table = np.array([rows[name] for name in ordered], np.float64).reshape(-1, 4)
    ids, events = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    states, known = _memory.recall(source.pk, ids, events, len(source.numbers))
    unread = np.flatnonzero(~known)
    states.events[unread], states.weight[unread], states.at[unread] = events[unread], *table[unread, 2:].T
    _read(states, ids, unread[events[unread] > 0], len(source.numbers), earliest)
    return Loaded(ids, ordered, {name: place for place, name in enumerate(ordered)}, states)


def save(source: EventSource, loaded: Loaded, entities: Ints, at: Floats, values: Floats) -> None:
    """Merge B events into the rows, in the order of their keys, so that racing workers never lock crosswise.

    `entities` (B,) are places in `loaded`, `at` (B,) seconds since 1970, `values` (B, F).
    """
    part = added(entities, at, values, len(loaded.ids))
    _ENTITIES.run(_entity_rows(source, loaded, part))
    _FIELDS.run(_field_rows(loaded, part))
    _PANES.run(_pane_rows(loaded, part))
    loaded.states.add(part)
    transaction.on_commit(lambda: _memory.keep(source.pk, loaded.ids, loaded.states))


def _entity_rows(source: EventSource, loaded: Loaded, part: Added) -> list[tuple[object, ...]]:
    columns = (loaded.ids, part.events, part.first, part.last, part.weight)
    return [
        (pk, source.pk, *name, events, moment(first), moment(last), weight, last)
        for name, pk, events, first, last, weight in zip(
            loaded.names, *(column.tolist() for column in columns), strict=True
        )
    ]


def _field_rows(loaded: Loaded, part: Added) -> list[tuple[object, ...]]:
    seen = part.fields[:, :, N] > 0
    place, slot = np.nonzero(seen)
    keys, counts = loaded.ids[place] * MOST_NUMBERS + slot, part.fields[seen][:, N].astype(np.int64)
    columns = part.fields[seen][:, 1:].T.tolist()
    return list(zip(keys.tolist(), counts.tolist(), *columns, strict=True))


def _pane_rows(loaded: Loaded, part: Added) -> list[tuple[object, ...]]:
    (owner, minute), events, sums = part.panes[0].T, part.panes[1], part.panes[2]
    held = np.zeros((len(events), WINDOWED))
    held[:, : sums.shape[1]] = sums[:, :WINDOWED]
    keys = pane_key(loaded.ids[owner], minute)
    return sorted(zip(keys.tolist(), events.tolist(), *held.T.tolist(), strict=True))


def _rows(source: EventSource, names: set[Name]) -> dict[Name, tuple[int, int, float, float]]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, name in names:
        by_kind[kind].append(name)
    found = {}
    for kind, listed in by_kind.items():
        sql = (
            "SELECT name, id, events, weight, decayed_at FROM events_entity"
            " WHERE source_id = %s AND kind = %s AND name IN {values}"
        )
        for name, *row in select(sql, listed, source.pk, kind):
            found[kind, name] = (row[0], row[1], row[2], row[3])
    return found


def _read(states: States, ids: Ints, places: Ints, slots: int, earliest: float) -> None:
    """Fill the states at those places from the rows: moments, and the minutes of the hour before their newest event."""
    owners = dict(zip(ids[places].tolist(), places.tolist(), strict=True))
    keys = (ids[places][:, None] * MOST_NUMBERS + np.arange(slots)).ravel()
    columns = "id, n, mean, m2, low, high, weight, decayed_sum, decayed_at"
    for key, *values in select(f"SELECT {columns} FROM events_fieldstate WHERE id IN {{values}}", keys.tolist()):  # nosec B608 # noqa: S608 - names of our own tables and columns, values are bound
        states.fields[owners[key // MOST_NUMBERS], key % MOST_NUMBERS, : AT + 1] = values
    lately = places[states.at[places] > earliest - 60.0 * WINDOW]
    newest = (states.at[lately] // 60).astype(np.int64)
    blocks = np.stack([newest - newest % BLOCK, newest - newest % BLOCK - BLOCK], axis=1)
    ranges = pane_key(ids[lately][:, None], blocks).ravel().tolist()
    # CROSS JOIN: SQLite then looks each range up, where it might read all panes for each range.
    panes = f"CROSS JOIN events_entitypane AS p WHERE p.id BETWEEN r.value AND r.value + {BLOCK - 1}"
    for key, events in select(f"SELECT p.id, p.events FROM {{values}} {panes}", ranges):  # nosec B608 # noqa: S608 - names of our own tables and columns, values are bound
        entity, minute = pane_of(key)
        place, held = owners[entity], minute % RING
        if states.minutes[place, held] < minute:
            states.minutes[place, held], states.counts[place, held] = minute, events
