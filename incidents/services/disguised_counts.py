"""The numbers beside the filters as somebody sees them who holds second opinions: a count of one tells the rest."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.db.models import QuerySet

from incidents.models import Incident
from incidents.services.facet_cube import AGES, COLUMNS, OLDER, Cube, Numbers, day_of

IN_REVIEW = Incident.Status.IN_REVIEW
NOTHING: dict[str, Any] = {"category": "", "confidence": 0, "anomaly": 0, "model": "", "unsure": False}

Row = dict[str, Any]


def cube_for(cube: Cube, held: QuerySet[Incident] | None, states: Collection[str], *, tells: bool) -> Cube:
    """The cube of a list of these states, with the reports of the second opinions where `second_opinions.listed` has
    them, and with nothing said of them. `held`: those that fit the words of the list; None where there are none.
    """
    if held is None:
        return cube
    columns = ("status", "created_at", *COLUMNS.values())
    found = [dict(zip(("status", "created_at", *COLUMNS), row, strict=True)) for row in held.values_list(*columns)]
    seen = [] if tells or IN_REVIEW not in states else [row | NOTHING for row in found]
    unseen = [row for row in found if row["status"] in states and _has(cube, row)]
    return _and(_and(cube, unseen, -1), seen, 1)


def states_for(by_status: Mapping[str, int], held: QuerySet[Incident] | None, *, tells: bool) -> dict[str, int]:
    """The number of reports in each state, those of the second opinions where this person sees them."""
    counts = Counter(by_status)
    for status in held.values_list("status", flat=True) if held is not None else ():
        counts[status] -= counts[status] > 0
        counts[IN_REVIEW] += not tells
    return counts


def _has(cube: Cube, row: Row) -> bool:
    """Whether such a report is counted: a large count may be older than its decision."""
    fits = cube.numbers[""] > 0
    for name, known in cube.values.items():
        fits = fits & (cube.places[name] == (known.index(row[name]) if row[name] in known else -1))
    return bool(fits.any())


def _and(cube: Cube, rows: Sequence[Row], number: int) -> Cube:
    """With a number more for each of the rows."""
    if not rows:
        return cube
    values, places = {}, {}
    for name, known in cube.values.items():
        place_of = {value: place for place, value in enumerate(known)}
        new = [place_of.setdefault(row[name], len(place_of)) for row in rows]
        values[name], places[name] = list(place_of), np.concatenate([cube.places[name], np.asarray(new, np.int64)])
    ages = {age: _number(cube.numbers[age], _fits(rows, age), number) for age in cube.numbers}
    return replace(cube, values=values, places=places, numbers=ages)


def _number(numbers: Numbers, fits: Sequence[bool], number: int) -> Numbers:
    return np.concatenate([numbers, number * np.asarray(fits, np.int64)])


def _fits(rows: Sequence[Row], age: str) -> list[bool]:
    if age in AGES:
        return [row["created_at"] >= day_of(age) for row in rows]
    return [age != OLDER or row["created_at"] < day_of("month") for row in rows]
