"""Counting what each filter of the list would leave: one pass over one index, folded here."""

import datetime as dt
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar, cast

import numpy as np
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from classifier.ml.taxonomy import JOINER
from incidents.models import Incident

Numbers = NDArray[np.int64]
T = TypeVar("T")

# Filter -> column, in the order of the index `incident_facets`.
COLUMNS: Mapping[str, str] = {
    "category": "standing_category",
    "confidence": "confidence_band",
    "anomaly": "anomaly_band",
    "model": "current_model",
    "source": "source",
    "assignee": "assignee",
    "unsure": "current_unsure",
}
AGES: Mapping[str, int] = {"today": 0, "week": 6, "month": 29}  # days before today; `older` is the rest
OLDER = "older"
LARGE = 5_000  # reports from which a count is kept for a while
KEPT = 16  # counts in memory
KEPT_SECONDS = 10.0

_kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, eq=False)
class Cube:
    """The reports of a list counted by what the filters tell apart; row i of each array is one combination."""

    values: Mapping[str, Sequence[Any]]  # of each filter, each value once
    places: Mapping[str, Numbers]  # of each filter, where in `values` the value of row i stands
    numbers: Mapping[str, Numbers]  # of reports by age; "" of any

    @property
    def total(self) -> int:
        return int(self.numbers[""].sum())

    def count(self, chosen: Mapping[str, Any]) -> dict[str, dict[Any, int]]:
        """For each filter the number of reports per value, all other chosen filters given; and the `total`, under "".

        A report of several categories counts for each.
        """
        misses = {name: self._misses(name, value) for name, value in chosen.items() if name in self.values}
        missed = sum(misses.values(), start=np.zeros(len(self.numbers[""]), np.int64))
        numbers = self.numbers[chosen.get("age", "")]
        counts = {name: self._by_value(name, numbers * (missed == misses.get(name, 0))) for name in self.values}
        counts["category"] = _by_category(counts["category"])
        counts["age"] = {age: int(held[missed == 0].sum()) for age, held in self.numbers.items()}
        counts[""] = {"total": counts["age"][chosen.get("age", "")]}
        return counts

    def _misses(self, name: str, wanted: Any) -> Numbers:
        """1 where a row has another value than the one that is chosen."""
        fits = [wanted in _names(one) if name == "category" else one == wanted for one in self.values[name]]
        return 1 - np.asarray(fits, np.int64)[self.places[name]]

    def _by_value(self, name: str, numbers: Numbers) -> dict[Any, int]:
        sums = np.bincount(self.places[name], weights=numbers, minlength=len(self.values[name]))
        return {value: int(n) for value, n in zip(self.values[name], sums, strict=True)}


def _names(joined: str) -> list[str]:
    return joined.split(JOINER)


def _by_category(found: Mapping[str, int]) -> dict[str, int]:
    by_name: Counter[str] = Counter()
    for joined, number in found.items():
        for name in _names(joined):
            by_name[name] += number
    return dict(by_name)


def cube_of(reports: QuerySet[Incident], key: Hashable) -> Cube:
    """Count reports by all that the filters tell apart, in one query; `key` names the reports."""
    return kept(("cube", key), lambda: _count(reports), lambda cube: cube.total)


def count_by_status(reports: QuerySet[Incident], key: Hashable) -> dict[str, int]:
    """The number of reports in each state; `key` names the reports."""
    counted = reports.order_by().values_list("status").annotate(n=Count("*"))
    return kept(("status", key), lambda: dict(counted), lambda counts: sum(counts.values()))


def kept(key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
    """What `make` counts. Large counts are believed for 10 s: a list that many people leaf through is not counted for
    each of them, and not for each page.
    """
    now = time.monotonic()
    with _lock:
        at, value = _kept.get(key, (-KEPT_SECONDS, None))
    if now - at < KEPT_SECONDS:
        return cast(T, value)
    made = make()
    if size(made) >= LARGE:
        with _lock:
            _kept[key] = (now, made)
            _kept.move_to_end(key)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return made


def day_of(age: str) -> dt.datetime:
    """When the first day of an age began."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - dt.timedelta(days=AGES[age])


def _count(reports: QuerySet[Incident]) -> Cube:
    by_age = {age: Count("created_at", filter=Q(created_at__gte=day_of(age))) for age in AGES}
    # With the status, which comes first in the index, SQLite counts in its order and sorts nothing.
    rows = list(reports.order_by().values_list("status", *COLUMNS.values()).annotate(n=Count("*"), **by_age))
    columns = list(zip(*rows, strict=True))[1:] or [()] * (len(COLUMNS) + 1 + len(AGES))
    values, places = {}, {}
    for name, column in zip(COLUMNS, columns, strict=False):
        place_of = {value: place for place, value in enumerate(dict.fromkeys(column))}
        values[name] = list(place_of)
        places[name] = np.fromiter((place_of[one] for one in column), np.int64, len(rows))
    numbers = {
        age: np.asarray(column, np.int64) for age, column in zip(("", *AGES), columns[len(COLUMNS) :], strict=True)
    }
    numbers[OLDER] = numbers[""] - numbers["month"]
    return Cube(values, places, numbers)
