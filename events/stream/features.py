"""What a detector sees of an event: raw units, read before the event is added to anything.

An entity without a past has z = 0 and delta = 0; its `entity:events` says that it has none.
"""

import math
from collections.abc import Sequence

from events.stream.aggregates import EntityState, Moments

TEMPLATE = "template"
Z_LIMIT = 10.0
PRIOR = 2.0  # pseudo-observations that spread by half the mean: two alike values are no proof of no spread
NOTHING = math.nan

_DIGITS = str.maketrans("", "", "0123456789")


def feature_names(numbers: Sequence[str], categories: Sequence[str]) -> tuple[str, ...]:
    """Names in the order of `features_of`."""
    named = [name for field in numbers for name in (field, f"{field}:z", f"{field}:delta")]
    entity = ["entity:events", "entity:rate", "entity:last_5_min", "entity:last_60_min"]
    counted = [name for field in (TEMPLATE, *categories) for name in (f"{field}:rarity", f"{field}:new_for_entity")]
    return (*named, *entity, "message:length", "message:digits", *counted)


def features_of(
    state: EntityState, at: float, numbers: dict[int, float], slots: int, message: str, counted: Sequence[float]
) -> list[float]:
    """One event's values. `numbers` by slot; `counted`: rarity and novelty of the template and of each category."""
    row: list[float] = []
    for slot in range(slots):
        value = numbers.get(slot)
        if value is None:
            row += (NOTHING, NOTHING, NOTHING)
        elif known := state.fields.get(slot):
            row += (value, _z(value, known), value - known.decayed_mean)
        else:
            row += (value, 0.0, 0.0)
    five, hour = state.lately(at)
    length = len(message)
    digits = (length - len(message.translate(_DIGITS))) / length if length else NOTHING
    row += (state.events, state.rate(at), five, hour, length if length else NOTHING, digits)
    row += counted
    return row


def rarity(seen: int, total: int) -> float:
    """-log2 of a value's share so far, with one sighting lent to it, so that a new one is not infinitely rare."""
    return math.log2((total + 2) / (seen + 1))


def _z(value: float, known: Moments) -> float:
    if known.n < 2 or value == known.mean:
        return 0.0
    half = 0.5 * known.mean
    variance = (known.m2 + PRIOR * half * half) / (known.n - 1 + PRIOR)
    if variance <= 0.0:
        return math.copysign(Z_LIMIT, value - known.mean)
    return max(-Z_LIMIT, min(Z_LIMIT, (value - known.mean) / math.sqrt(variance)))
