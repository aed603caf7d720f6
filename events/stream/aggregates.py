"""Running aggregates of entities: arrays in which an event is read before it is added, and parts that merge.

Everything is a commutative monoid: moments by Welford's step and Chan's merge (Chan, Golub and LeVeque 1979), decayed
sums by forward decay (Cormode et al. 2009), minutes by addition. The same arithmetic stands in the SQL of the upserts;
here it serves to read features, and to build what a micro-batch adds. Rows are entities, columns numeric fields.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HALF_LIFE = 3600.0  # seconds; "lately" is about the last hour
DECAY = math.log(2) / HALF_LIFE
FAR = 700.0  # exponents beyond it are zero, and PostgreSQL would raise
WINDOW = 60  # minutes that are read back
RING = 64  # minutes that are kept of each entity

Z_LIMIT = 10.0
PRIOR = 2.0  # pseudo-observations that spread by half the mean: two alike values are no proof of no spread

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

N, MEAN, M2, LOW, HIGH, WEIGHT, TOTAL, AT = range(8)  # of `States.fields`, in the order of the table's columns
EVENTS = -4  # the column of features that holds an entity's events so far
EMPTY = (0.0, 0.0, 0.0, np.inf, -np.inf, 0.0, 0.0, 0.0)


@dataclass(slots=True)
class States:
    """E entities with F numeric fields.

    `weight` is the decayed number of events, as of `at` (seconds since 1970, never before). `fields` (E, F, 8) holds N
    to AT of each field, the decayed ones as of its AT. `minutes` and `counts` (E, RING) hold the events of a minute m
    at m % RING.
    """

    events: Ints
    weight: Floats
    at: Floats
    fields: Floats
    minutes: Ints
    counts: Ints

    @classmethod
    def empty(cls, entities: int, numbers: int) -> "States":
        fields = np.empty((entities, numbers, len(EMPTY)))
        fields[:] = EMPTY
        ring = (entities, RING)
        nothing = np.zeros(entities)
        return cls(
            np.zeros(entities, np.int64), nothing, nothing.copy(), fields,
            np.full(ring, -1, np.int64), np.zeros(ring, np.int64),
        )  # fmt: skip

    def take(self, rows: Ints) -> "States":
        """Copies of some rows."""
        return States(*(getattr(self, name)[rows] for name in self.__slots__))

    def put(self, rows: Ints, other: "States") -> None:
        for name in self.__slots__:
            getattr(self, name)[rows] = getattr(other, name)

    def longer(self, more: int) -> "States":
        """These states and some empty ones behind them."""
        others = States.empty(more, self.fields.shape[1])
        return States(*(np.concatenate([getattr(self, name), getattr(others, name)]) for name in self.__slots__))

    def read(self, entities: Ints, at: Floats, values: Floats) -> Floats:
        """(B, 3 F + 4) features of B events, each as if the events before it in the batch had been added already.

        `entities` (B,) are rows, `at` (B,) seconds since 1970, `values` (B, F) with NaN for what an event lacks. For
        each field the value, its z and its distance from the decayed mean; then the entity's events so far, its rate
        an hour, and its events in the last 5 and 60 minutes.
        """
        before = _Before.of(self, entities, at)
        for places in _repeated(entities):
            before.add_each_to_the_next(places, at[places], values[places])
        return before.features(at, values)

    def add(self, part: "Added") -> None:
        """Merge what a batch adds to each of these entities."""
        at = np.maximum(self.at, part.last)
        self.weight = self.weight * faded(at - self.at) + part.weight * faded(at - part.last)
        self.events, self.at = self.events + part.events, at
        _merge(self.fields, part.fields)
        (owner, minute), events = part.panes[0].T, part.panes[1]
        for row, one, count in zip(owner.tolist(), minute.tolist(), events.tolist(), strict=True):
            place = one % RING
            if self.minutes[row, place] == one:
                self.counts[row, place] += count
            elif self.minutes[row, place] < one:
                self.minutes[row, place], self.counts[row, place] = one, count


def faded(seconds: Floats) -> Floats:
    """The weight that is left after some seconds, 1 at once; of the past alone, so at least 0 are taken."""
    weights: Floats = np.exp(-DECAY * np.maximum(seconds, 0.0))
    return weights


def _repeated(entities: Ints) -> Iterator[Ints]:
    """For each entity that has several events, the places of these, in order."""
    order = np.argsort(entities, kind="stable")
    starts = _starts(entities[order])
    sizes = np.diff(np.append(starts, len(order)))
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        yield order[start : start + size]


def _starts(ordered: Ints) -> Ints:
    """Where each run of equal numbers begins."""
    return np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])


@dataclass(slots=True)
class _Before:
    """The states that B events meet: as in `States`, one row an event; five and hour are events of the last minutes."""

    events: Ints
    weight: Floats
    at: Floats
    fields: Floats
    five: Ints
    hour: Ints

    @classmethod
    def of(cls, states: States, entities: Ints, at: Floats) -> "_Before":
        age = (at // 60).astype(np.int64)[:, None] - states.minutes[entities]
        hour = np.where((age >= 0) & (age < WINDOW), states.counts[entities], 0)
        five = (hour * (age < 5)).sum(axis=1)
        return cls(
            states.events[entities], states.weight[entities], states.at[entities], states.fields[entities],
            five, hour.sum(axis=1),
        )  # fmt: skip

    def add_each_to_the_next(self, places: Ints, at: Floats, values: Floats) -> None:
        """Give each of an entity's events those before it: prefix sums around the mean that the entity came with."""
        earlier = np.tri(len(places), k=-1)
        self.events[places] += np.arange(len(places))
        minute = (at // 60).astype(np.int64)
        age = minute[:, None] - minute[None, :]
        near = earlier * ((age >= 0) & (age < WINDOW))
        self.hour[places] += near.sum(axis=1).astype(np.int64)
        self.five[places] += (near * (age < 5)).sum(axis=1).astype(np.int64)
        now = np.maximum.accumulate(np.concatenate([self.at[places[:1]], at[:-1]]))
        left = earlier * faded(now[:, None] - at[None, :])
        old = faded(now - self.at[places])
        self.weight[places] = self.weight[places] * old + left.sum(axis=1)
        self.at[places] = now
        self.fields[places] = _prefixed(self.fields[places], now, left, values)

    def features(self, at: Floats, values: Floats) -> Floats:
        rate = self.weight * faded(at - self.at) * DECAY * 3600.0
        return np.column_stack([_compared(self.fields, values), self.events, rate, self.five, self.hour])


def _prefixed(fields: Floats, now: Floats, left: Floats, values: Floats) -> Floats:
    there = ~np.isnan(values)
    x = np.where(there, values, 0.0)
    first = np.take_along_axis(x, there.argmax(axis=0)[None, :], axis=0)
    centre = np.where(fields[:1, :, N] > 0, fields[:1, :, MEAN], first)
    away = np.where(there, x - centre, 0.0)
    n = fields[:, :, N] + np.cumsum(there, axis=0) - there
    shift = np.cumsum(away, axis=0) - away
    spread = np.cumsum(away * away, axis=0) - away * away
    old = faded(now[:, None] - fields[:, :, AT])
    result = fields.copy()
    result[:, :, N] = n
    result[:, :, MEAN] = centre + shift / np.maximum(n, 1.0)
    result[:, :, M2] = np.maximum(fields[:, :, M2] + spread - shift * shift / np.maximum(n, 1.0), 0.0)
    result[:, :, WEIGHT] = fields[:, :, WEIGHT] * old + left @ there
    result[:, :, TOTAL] = fields[:, :, TOTAL] * old + left @ x
    return result


def _compared(fields: Floats, values: Floats) -> Floats:
    """(B, 3 F): each value, its z and its distance from the decayed mean."""
    n, mean, weight = fields[:, :, N], fields[:, :, MEAN], fields[:, :, WEIGHT]
    known = weight > 0
    decayed = np.where(known, fields[:, :, TOTAL] / np.where(known, weight, 1.0), values)
    away = values - mean
    variance = (fields[:, :, M2] + PRIOR * 0.25 * mean * mean) / np.maximum(n - 1 + PRIOR, 1.0)
    limit = np.copysign(Z_LIMIT, away)
    z = np.where(variance > 0, away / np.sqrt(np.where(variance > 0, variance, 1.0)), limit)
    z = np.where((n < 2) | (away == 0), 0.0, np.clip(z, -Z_LIMIT, Z_LIMIT))
    z[np.isnan(values)] = np.nan
    return np.stack([values, z, values - decayed], axis=2).reshape(len(values), -1)


def _merge(fields: Floats, part: Floats) -> None:
    """Chan's merge of (E, F, 8) with what a batch adds to it."""
    n = fields[:, :, N] + part[:, :, N]
    some = np.maximum(n, 1.0)
    delta = part[:, :, MEAN] - fields[:, :, MEAN]
    at = np.maximum(fields[:, :, AT], part[:, :, AT])
    mine, theirs = faded(at - fields[:, :, AT]), faded(at - part[:, :, AT])
    fields[:, :, M2] += part[:, :, M2] + delta * delta * fields[:, :, N] * part[:, :, N] / some
    fields[:, :, MEAN] += delta * part[:, :, N] / some
    fields[:, :, N] = n
    fields[:, :, LOW] = np.minimum(fields[:, :, LOW], part[:, :, LOW])
    fields[:, :, HIGH] = np.maximum(fields[:, :, HIGH], part[:, :, HIGH])
    for column in (WEIGHT, TOTAL):
        fields[:, :, column] = fields[:, :, column] * mine + part[:, :, column] * theirs
    fields[:, :, AT] = at


@dataclass(frozen=True, slots=True)
class Added:
    """What B events add to E entities, ready to be merged: by entity as in `States`, its first event's time beside it.

    `panes` are the sums of (entity, minute): (P, 2) of these, (P,) events, (P, F) sums of values.
    """

    events: Ints
    weight: Floats
    first: Floats
    last: Floats
    fields: Floats
    panes: tuple[Ints, Ints, Floats]


def added(entities: Ints, at: Floats, values: Floats, count: int) -> Added:
    """The part of B events, for `count` entities each of which has at least one."""
    order = np.argsort(entities, kind="stable")
    owner, time, x = entities[order], at[order], values[order]
    starts = _starts(owner)
    events = np.bincount(owner, minlength=count)
    first, last = np.minimum.reduceat(time, starts), np.maximum.reduceat(time, starts)
    weight = np.add.reduceat(faded(last[owner] - time), starts)
    return Added(events, weight, first, last, _fields(owner, time, x, starts), _panes(owner, time, x))


def _fields(owner: Ints, time: Floats, x: Floats, starts: Ints) -> Floats:
    there = ~np.isnan(x)
    known = np.where(there, x, 0.0)
    result = np.empty((len(starts), x.shape[1], len(EMPTY)))
    n = np.add.reduceat(there, starts, axis=0, dtype=np.float64)
    mean = np.add.reduceat(known, starts, axis=0) / np.maximum(n, 1.0)
    away = np.where(there, x - mean[owner], 0.0)
    newest = np.maximum.reduceat(np.where(there, time[:, None], 0.0), starts, axis=0)
    kept = np.where(there, faded(newest[owner] - time[:, None]), 0.0)
    result[:, :, N], result[:, :, MEAN] = n, mean
    result[:, :, M2] = np.add.reduceat(away * away, starts, axis=0)
    result[:, :, LOW] = np.minimum.reduceat(np.where(there, x, np.inf), starts, axis=0)
    result[:, :, HIGH] = np.maximum.reduceat(np.where(there, x, -np.inf), starts, axis=0)
    result[:, :, WEIGHT] = np.add.reduceat(kept, starts, axis=0)
    result[:, :, TOTAL] = np.add.reduceat(kept * known, starts, axis=0)
    result[:, :, AT] = newest
    return result


def _panes(owner: Ints, time: Floats, x: Floats) -> tuple[Ints, Ints, Floats]:
    keys, inverse = np.unique(np.stack([owner, (time // 60).astype(np.int64)], axis=1), axis=0, return_inverse=True)
    sums = np.zeros((len(keys), x.shape[1]))
    np.add.at(sums, inverse.ravel(), np.nan_to_num(x))
    return keys, np.bincount(inverse.ravel(), minlength=len(keys)), sums
