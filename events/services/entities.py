"""The aggregates of entities: read before a micro-batch, merged back in its transaction.

What was read stays in the process until the entity's number of events says that somebody else has added to it. The
rows are the truth: each upsert adds this batch's part to whatever stands there by then.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from events.models import Entity, EntityPane, EventSource, FieldState
from events.models.entity import MINUTES, WINDOWED
from events.models.source import MOST_NUMBERS
from events.services.store import Insert, moment, select
from events.stream.aggregates import DECAY, FAR, WINDOW, EntityState, Moments

KEPT = 30_000  # entities whose state stays in memory, about 60 MB with five fields each

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
    "ON CONFLICT (id) DO UPDATE SET events = {t}.events + excluded.events,"
    " first_seen = {least}({t}.first_seen, excluded.first_seen),"
    " last_seen = {greatest}({t}.last_seen, excluded.last_seen),"
    f" {_fade('weight')}, decayed_at = {{greatest}}({{t}}.decayed_at, excluded.decayed_at)",
)
_FIELDS = Insert(
    FieldState,
    ("id", "n", "mean", "m2", "low", "high", "weight", "decayed_sum", "decayed_at"),
    "ON CONFLICT (id) DO UPDATE SET"
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
    "ON CONFLICT (id) DO UPDATE SET events = {t}.events + excluded.events, "
    + ", ".join(f"{column} = {{t}}.{column} + excluded.{column}" for column in _SUMS),
)


@dataclass(slots=True)
class Part:
    """What a micro-batch adds to one entity, and the state that it is read from and added to."""

    id: int
    name: Name
    state: EntityState
    added: EntityState = field(default_factory=EntityState)
    first: float = 0.0
    last: float = 0.0
    sums: dict[int, list[float]] = field(default_factory=dict)

    def add(self, at: float, numbers: dict[int, float]) -> None:
        self.first = min(self.first, at) if self.added.events else at
        self.last = max(self.last, at) if self.added.events else at
        self.state.add(at, numbers)
        self.added.add(at, numbers)
        sums = self.sums.setdefault(int(at // 60), [0.0] * WINDOWED)
        for slot, value in numbers.items():
            if slot < WINDOWED:
                sums[slot] += value


_kept: OrderedDict[int, EntityState] = OrderedDict()


def forget() -> None:
    """Drop what this process remembers."""
    _kept.clear()


def load(source: EventSource, names: Iterable[Name], at: float) -> dict[Name, Part]:
    """The entities of those names, made where they are new, with their state before this batch.

    Their state leaves the memory until the transaction has committed, so that a rollback leaves nothing false behind.
    """
    wanted = set(names)
    rows = _rows(source, wanted)
    if missing := sorted(wanted - rows.keys()):
        now = moment(at)
        _NEW_ENTITIES.run([(source.pk, kind, name, 0, now, now, 0.0, 0.0) for kind, name in missing])
        rows |= _rows(source, set(missing))
    parts, unread = {}, []
    for name, (pk, events, weight, decayed_at) in rows.items():
        state = _kept.pop(pk, None)
        if state is None or state.events != events:
            state = EntityState(events, weight, decayed_at)
            if events:
                unread.append((pk, state))
        parts[name] = Part(pk, name, state)
    _read(dict(unread), len(source.numbers))
    return parts


def save(source: EventSource, parts: Iterable[Part]) -> None:
    """Merge a batch's part into the rows, in the order of their keys, so that racing workers never lock crosswise."""
    changed = sorted((part for part in parts if part.added.events), key=lambda part: part.id)
    _ENTITIES.run(
        [
            (
                *(part.id, source.pk, *part.name, part.added.events, moment(part.first), moment(part.last)),
                *(part.added.weight, part.added.at),
            )
            for part in changed
        ]
    )
    _FIELDS.run(
        [
            (part.id * MOST_NUMBERS + slot, m.n, m.mean, m.m2, m.low, m.high, m.weight, m.total, m.at)
            for part in changed
            for slot, m in sorted(part.added.fields.items())
        ]
    )
    _PANES.run(
        [
            (part.id * MINUTES + minute, part.added.panes[minute], *sums)
            for part in changed
            for minute, sums in sorted(part.sums.items())
        ]
    )
    transaction.on_commit(lambda: _keep(changed))


def _keep(parts: Iterable[Part]) -> None:
    for part in parts:
        _kept[part.id] = part.state
        _kept.move_to_end(part.id)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)


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


def _read(states: dict[int, EntityState], slots: int) -> None:
    """Fill states from the rows: the moments of every slot, and the panes of the last hour before the newest."""
    keys = [pk * MOST_NUMBERS + slot for pk in states for slot in range(slots)]
    columns = "id, n, mean, m2, low, high, weight, decayed_sum, decayed_at"
    for key, *values in select(f"SELECT {columns} FROM events_fieldstate WHERE id IN {{values}}", keys):  # noqa: S608
        states[key // MOST_NUMBERS].fields[key % MOST_NUMBERS] = Moments(*values)
    hours = [pk * MINUTES + int(state.at // 60) - WINDOW + 1 for pk, state in states.items()]
    panes = f"JOIN events_entitypane AS p ON p.id BETWEEN r.value AND r.value + {WINDOW - 1}"
    for key, events in select(f"SELECT p.id, p.events FROM {{values}} {panes}", hours):  # noqa: S608
        states[key // MINUTES].panes[key % MINUTES] = events
