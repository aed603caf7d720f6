"""What a detector sees of an event: raw units, read before the event is added to anything.

An entity without a past has z = 0 and delta = 0; its `entity:events` says that it has none. NaN is what an event lacks.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TEMPLATE = "template"

_DIGITS = str.maketrans("", "", "0123456789")


def feature_names(numbers: Sequence[str], categories: Sequence[str]) -> tuple[str, ...]:
    """Names in the order of the columns: aggregates, message, counted values."""
    named = [name for field in numbers for name in (field, f"{field}:z", f"{field}:delta")]
    entity = ["entity:events", "entity:rate", "entity:last_5_min", "entity:last_60_min"]
    counted = [name for field in (TEMPLATE, *categories) for name in (f"{field}:rarity", f"{field}:new_for_entity")]
    return (*named, *entity, "message:length", "message:digits", *counted)


def message_features(messages: Sequence[str]) -> NDArray[np.float64]:
    """(B, 2): length in characters, share of digits; NaN without a message."""
    rows = [
        (len(one), (len(one) - len(one.translate(_DIGITS))) / len(one)) if one else (math.nan, math.nan)
        for one in messages
    ]
    return np.array(rows, np.float64).reshape(-1, 2)


def known_news(counted: NDArray[np.float64], events: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B, 2 C) rarity and novelty of values: to an entity without events (B,) so far, nothing is new."""
    news = counted[:, 1::2]
    news[(events == 0)[:, None] & (news == 1)] = 0.0
    return counted


def rarity(seen: int, total: int) -> float:
    """-log2 of a value's share so far, with one sighting lent to it, so that a new one is not infinitely rare."""
    return math.log2((total + 2) / (seen + 1))
