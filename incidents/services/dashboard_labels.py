"""Which categories the reports of a time have."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.models import Incident, User
from incidents.services.dashboard_picture import Column, Picture
from incidents.services.dashboard_span import Span
from incidents.services.dashboard_sql import counted, per_slot

INCIDENTS, NONE = "incidents_incident", ""
SHOWN = 8  # categories; the others stand together
HIGH, WIDE = 100, 10  # units of a small chart: its height, and the width of a slot


@dataclass(frozen=True)
class LabelLine:
    """A category with its share of all reports and a small chart of its numbers; `bars` are (x, y, height, words)."""

    name: str
    number: int
    share: float
    width: int
    bars: Sequence[tuple[int, int, int, str]]


def labels(span: Span, user: User) -> Picture:
    """Two queries. Reports with several categories count under these together, as their pages name them."""
    # "Behind nothing" is what has a category, and a range of the index that holds both columns.
    within = Incident.objects.filter(created_at__gte=span.since, created_at__lt=span.until, standing_category__gt=NONE)
    totals = (
        within.values_list("standing_category").annotate(number=Count("*")).order_by("-number", "standing_category")
    )
    found = list(totals)
    named = [name for name, _number in found[:SHOWN]]
    columns = _by_slot(span, named) if found else []
    lines = [*zip(named, columns, strict=False), *([(_("others"), columns[-1])] if len(found) > SHOWN else [])]
    total = sum(number for _name, number in found)
    return Picture(
        columns=(Column(gettext_lazy("From"), "day"), *(Column(name) for name, _numbers in lines)),
        rows=list(zip([slot.first for slot in span.slots], *(numbers for _name, numbers in lines), strict=True))
        if found
        else [],
        empty=gettext_lazy("No report of this time has a category yet. Choose a longer time."),
        bars=[_line(name, numbers, total, span.names) for name, numbers in lines],
    )


def _by_slot(span: Span, named: Sequence[str]) -> list[list[int]]:
    """The numbers of each named category, slot by slot, and last those of all others."""
    within = [counted(INCIDENTS, "created_at", "standing_category = %s")] * (len(named) + 1)
    rows = per_slot(span.slots, *within, counted(INCIDENTS, "created_at"), values=[*named, NONE])
    columns = list(zip(*rows, strict=True))
    others = [total - sum(counted_ones) for *counted_ones, total in rows]
    return [*(list(column) for column in columns[: len(named)]), others]


def _line(name: str, numbers: Sequence[int], total: int, days: Sequence[str]) -> LabelLine:
    most = max(numbers)
    bars = []
    for place, (number, day) in enumerate(zip(numbers, days, strict=True)):
        height = max(4, round(HIGH * number / most)) if number else 0
        bars.append((place * WIDE, HIGH - height, height, f"{day}: {number}"))
    return LabelLine(name, sum(numbers), sum(numbers) / total, WIDE * len(numbers), [bar for bar in bars if bar[2]])
