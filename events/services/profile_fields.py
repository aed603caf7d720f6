"""What the fields of events hold: missing values, quantiles and histograms of numbers, shares of values."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from events.stream.prompts import MESSAGE_FIELDS
from events.stream.templates_mask import masked

QUANTILES = {"min": 0.0, "5 %": 0.05, "25 %": 0.25, "median": 0.5, "75 %": 0.75, "95 %": 0.95, "99 %": 0.99, "max": 1.0}
MOST_FIELDS = 200
TOP = 10  # values of a field
FEW = 20  # different numbers, whose shares are told as well
BINS = 24
LONGEST = 160  # characters of a value
LARGEST = 1e300
WHOLE = 1e9  # span of whole numbers that get bins of whole widths
SKEWED = 100.0  # times the median: from there on, bins grow with the numbers

NUMBER, TEXT, MIXED = "number", "text", "mixed"


@dataclass(frozen=True)
class Counted:
    """A value with the events that have it, as a number and as a share of those that have the field (0 to 1)."""

    name: str
    events: int
    share: float


@dataclass(frozen=True)
class Bin:
    """Events whose number is from `low` on, below `high`; at `high` too in the last bin."""

    low: float
    high: float
    events: int


@dataclass(frozen=True)
class FieldProfile:
    """One field. `missing` events lack it, hold null or an empty text there; `share` is theirs of all (0 to 1).

    kind: number, text (whatever is no number) or mixed; quantiles, mean and bins are those of its numbers. `top` are
    the most frequent values, of a message with its values masked; empty for a number with many different ones.
    """

    name: str
    kind: str
    present: int
    missing: int
    share: float
    distinct: int
    mean: float | None
    quantiles: dict[str, float]
    bins: tuple[Bin, ...]
    top: tuple[Counted, ...]


def profile_fields(rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[FieldProfile, ...], int]:
    """The fields of events, the most frequent first, and the number of further ones that are not told."""
    counts = Counter(name for row in rows for name in row)
    names = sorted(counts, key=lambda name: (-counts[name], name))
    frame = pd.DataFrame({name: _column(rows, name) for name in names[:MOST_FIELDS]})
    return tuple(_field(frame[name]) for name in frame), max(0, len(names) - MOST_FIELDS)


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> "pd.Series[Any]":
    return pd.Series([_value(row.get(name)) for row in rows], dtype="object")


def _value(value: Any) -> float | str | None:
    """A number, a text, or nothing."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            return str(value)[:LONGEST]
        return number if math.isfinite(number) else None
    if value is None or value == "":
        return None
    return (value if isinstance(value, str) else orjson.dumps(value).decode())[:LONGEST]


def _field(column: "pd.Series[Any]") -> FieldProfile:
    name, present = str(column.name), column.dropna()
    is_number = present.map(lambda value: isinstance(value, float)).astype(bool)
    numbers = np.clip(present[is_number].to_numpy(np.float64), -LARGEST, LARGEST)
    kind = TEXT if not is_number.any() else NUMBER if is_number.all() else MIXED
    distinct = int(present.nunique())
    missing = len(column) - len(present)
    return FieldProfile(
        name=name,
        kind=kind,
        present=len(present),
        missing=missing,
        share=missing / len(column) if len(column) else 0.0,
        distinct=distinct,
        mean=float(numbers.mean()) if len(numbers) else None,
        quantiles=_quantiles(numbers),
        bins=_bins(numbers) if len(numbers) else (),
        top=_top(present, name) if kind != NUMBER or distinct <= FEW else (),
    )


def _quantiles(numbers: NDArray[np.float64]) -> dict[str, float]:
    if not len(numbers):
        return {}
    found = pd.Series(numbers).quantile(list(QUANTILES.values()))
    return dict(zip(QUANTILES, map(float, found), strict=True))


def _bins(numbers: NDArray[np.float64]) -> tuple[Bin, ...]:
    """Of equal width, a whole one for whole numbers; where a few numbers are far beyond the rest, of growing width."""
    low, high = float(numbers.min()), float(numbers.max())
    if low == high:
        return (Bin(low, high, len(numbers)),)
    span = high - low
    if low >= 0 and high > SKEWED * max(float(np.median(numbers)), 1.0):
        edges = np.expm1(np.linspace(np.log1p(low), np.log1p(high), BINS + 1))
        edges[0], edges[-1] = low, max(high, float(edges[-2]))
    elif span < WHOLE and bool((numbers == np.floor(numbers)).all()):
        step = math.ceil((span + 1) / BINS)
        edges = low + step * np.arange(math.ceil((span + 1) / step) + 1)
    else:
        edges = np.linspace(low, high, BINS + 1)
    counts, _ = np.histogram(numbers, edges)
    return tuple(Bin(*one) for one in zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True))


def _top(present: "pd.Series[Any]", name: str) -> tuple[Counted, ...]:
    texts = present.map(
        lambda value: masked(value) if name in MESSAGE_FIELDS and isinstance(value, str) else _told(value)
    )
    counts = sorted(Counter(texts).items(), key=lambda item: (-item[1], item[0]))
    return tuple(Counted(value, events, events / len(present)) for value, events in counts[:TOP])


def _told(value: float | str) -> str:
    return f"{value:.12g}" if isinstance(value, float) else value
