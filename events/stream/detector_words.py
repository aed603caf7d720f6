"""Why an event is unusual, in sentences: the features that lie far out among recent events."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LIMIT = 0.05  # a tail that is larger explains nothing
ONE_SIDED = ("rarity", "new_for_entity")  # a common value is no reason

KINDS = {"user": "user", "source": "address", "client": "address", "destination": "address", "host": "host"}
OF_ENTITY = {
    "entity:events": "events so far",
    "entity:rate": "events an hour lately",
    "entity:last_5_min": "events in 5 minutes",
    "entity:last_60_min": "events in 60 minutes",
}
OF_MESSAGE = {"message:length": "characters in the message", "message:digits": "digits in the message"}


@dataclass(frozen=True)
class Deviation:
    """`share` of recent events is at least so far out in the same direction."""

    feature: str
    value: float
    higher: bool
    share: float
    sentence: str


@dataclass(frozen=True)
class _Seen:
    """A row by feature names, with how its entity is called."""

    values: dict[str, float]
    entity: str


def deviations(
    names: Sequence[str], row: Floats, left: Floats, right: Floats, counts: NDArray[np.int64], kind: str
) -> list[Deviation]:
    """From the row's tails (F,) against `counts` (F,) recent values; the smallest first, one a field."""
    higher = (right <= left) | [name.endswith(ONE_SIDED) for name in names]
    shares = np.where(higher, right, left)
    seen = _Seen(dict(zip(names, row.tolist(), strict=True)), f"this {KINDS.get(kind.split('.')[0], 'entity')}")
    found: dict[str, Deviation] = {}
    for place in sorted(np.flatnonzero(shares <= LIMIT).tolist(), key=lambda one: (shares[one], _order(names[one]))):
        name, share, up = names[place], float(shares[place]), bool(higher[place])
        sentence = _sentence(name, seen, up, _among(share, int(counts[place])))
        found.setdefault(_field(name), Deviation(name, float(row[place]), up, share, sentence))
    return list(found.values())


def _order(name: str) -> int:
    """Of several views of a field that are as far out: the one that says most of the entity first."""
    return {"delta": 0, "new_for_entity": 1}.get(name.rpartition(":")[2], 2)


def _field(name: str) -> str:
    """What several features are views of."""
    return name if name in OF_ENTITY or name in OF_MESSAGE else name.rpartition(":")[0] or name


def _among(share: float, count: int) -> str:
    """The events that lie less far out."""
    if share * count < 1:
        return f"all of the last {count:,} events"
    percent = math.floor((1 - share) * 10_000) / 100  # 99.996 is not 100
    return f"{percent:g} % of recent events"


def _sentence(name: str, seen: _Seen, up: bool, among: str) -> str:
    value = seen.values[name]
    field, _, view = name.rpartition(":")
    side, above = ("higher", "above") if up else ("lower", "below")
    if name in OF_ENTITY:
        return f"{seen.entity}'s {OF_ENTITY[name]} are {number(value)}: {side} than in {among}"
    if name == "message:digits":
        return f"{value:.0%} {OF_MESSAGE[name]}: {side} than in {among}"
    if name == "message:length":
        return f"{number(value)} {OF_MESSAGE[name]}: {side} than in {among}"
    if view == "delta":
        own = seen.values.get(field, math.nan)
        past = f"{seen.entity}'s own average of {number(own - value)}"
        return f"{field} {number(own)}: {above} {past} by more than in {among}"
    if view == "z":
        spread = f"{number(abs(value))}{' or more' if abs(value) >= 10 else ''} standard deviations"
        usual = number(seen.values.get(field, math.nan))
        return f"{field} {usual}: {spread} {above} {seen.entity}'s own past, {side} than in {among}"
    if view == "rarity":
        return f"{_named(field)} seen in one of {round(2 ** min(value, 62)):,} events: rarer than in {among}"
    if view == "new_for_entity":
        return f"{_named(field)} is new for {seen.entity}, unlike in {among}"
    return f"{name} {number(value)}: {side} than in {among}"


def _named(field: str) -> str:
    return "log template" if field == "template" else field


def number(value: float) -> str:
    """For people: 14, 2.1, 1,234,567, 1.2e+30."""
    if not math.isfinite(value):
        return "unknown" if math.isnan(value) else "without bound"
    if abs(value) >= 1e15:
        return f"{value:.2g}"
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}"
