"""Counting what each filter of the list would leave: one pass over one index, folded here."""

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Case, Count, QuerySet, Sum, Value, When
from django.db.models.functions import Cast
from django.utils import timezone
from numpy.typing import NDArray

from classifier.ml.taxonomy import JOINER
from incidents.models import Incident
from incidents.services.kept_counts import kept

Numbers = NDArray[np.int64]

# Filter -> column, in the order of the index `incident_facets`.
COLUMNS: Mapping[str, str] = {
    "category": "standing_category",
    "confidence": "confidence_band",
    "anomaly": "anomaly_band",
    "model": "told_model",
    "source": "source",
    "assignee": "assignee",
    "unsure": "told_unsure",
}
AGES: dict[str, int] = {"today": 0, "week": 6, "month": 29}  # days before today; `older` is the rest
OLDEST_FIRST = tuple(reversed(AGES))
OLDER = "older"
PACKED = 2**21  # more reports than one combination of filters has of one age; three of these fit into 63 bits


@dataclass(frozen=True, eq=False)
class Cube:
    """The reports of a list counted by what the filters tell apart; row i of each array is one combination."""

    values: Mapping[str, Sequence[Any]]  # of each filter, each value once, as the database has it: 1 for True in SQLite
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


def day_of(age: str) -> dt.datetime:
    """When the first day of an age began."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - dt.timedelta(days=AGES[age])


def _as_stored(rows: QuerySet[Incident, Any]) -> list[tuple[Any, ...]]:
    """Thousands of rows as the database gives them: Django would look at each of their values once more."""
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _count(reports: QuerySet[Incident]) -> Cube:
    # With the status, which comes first in the index, SQLite counts in its order and sorts nothing.
    counted = reports.order_by().values_list("status", *COLUMNS.values()).annotate(n=Count("*"), ages=_packed_ages())
    rows = _as_stored(counted)
    _status, *columns, found, packed = list(zip(*rows, strict=True)) or [()] * (len(COLUMNS) + 3)
    values, places = {}, {}
    for name, column in zip(COLUMNS, columns, strict=True):
        place_of = {value: place for place, value in enumerate(dict.fromkeys(column))}
        values[name] = list(place_of)
        places[name] = np.fromiter((place_of[one] for one in column), np.int64, len(rows))
    numbers = {"": np.asarray(found, np.int64)} | _unpacked(np.asarray(packed, np.int64))
    numbers[OLDER] = numbers[""] - numbers["month"]
    return Cube(values, places, numbers)


def _packed_ages() -> Cast:
    """The number of reports of each age in one sum, which takes a database a third of the time of a count for each."""
    steps, value = [], 0
    for place, age in enumerate(OLDEST_FIRST):
        steps.append(When(created_at__lt=day_of(age), then=Value(value)))
        value += PACKED**place
    return Cast(Sum(Case(*steps, default=Value(value), output_field=BigIntegerField())), BigIntegerField())


def _unpacked(sums: Numbers) -> dict[str, Numbers]:
    return {age: sums // PACKED**place % PACKED for place, age in enumerate(OLDEST_FIRST)}
