"""The orders of the list of reports, and reading it page by page without counting from the beginning."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident


@dataclass(frozen=True)
class Order:
    """One column and, among equals, the number of the report; each stands in an index behind the status.

    Reports without a value come last, whatever the database makes of NULL.
    """

    label: str | Promise
    column: str
    read: Callable[[str], Any]
    descending: bool = False
    nullable: bool = False
    newest_first: bool = False  # among equals

    def apply(self, reports: QuerySet[Incident]) -> QuerySet[Incident]:
        column = F(self.column).desc(nulls_last=True) if self.descending else F(self.column).asc(nulls_last=True)
        return reports.order_by(column if self.nullable else self._plain(), self._number())

    def _plain(self, *, backwards: bool = False) -> str:
        return f"-{self.column}" if self.descending != backwards else self.column

    def _number(self, *, backwards: bool = False) -> str:
        return "-pk" if self.newest_first != backwards else "pk"


def _severity(text: str) -> int:
    return Incident.Severity(int(text)).value


ORDERS: Mapping[str, Order] = {
    "priority": Order(_("Review priority"), "review_priority", float, descending=True),
    "confidence": Order(_("Least confident"), "told_confidence", float, nullable=True),
    "margin": Order(_("Two labels close together"), "told_margin", float, nullable=True),
    "entropy": Order(_("Most labels possible"), "told_entropy", float, descending=True, nullable=True),
    "anomaly": Order(_("Most unusual"), "told_anomaly", float, descending=True, nullable=True),
    "oldest": Order(_("Oldest"), "created_at", dt.datetime.fromisoformat),
    "newest": Order(_("Newest"), "created_at", dt.datetime.fromisoformat, descending=True, newest_first=True),
    "severity": Order(_("Most severe"), "severity", _severity, descending=True),
    "random": Order(_("Random"), "shuffle", float),
}


@dataclass(frozen=True)
class Place:
    """Where a page ends: at a report, by its value in the order and its number."""

    value: Any
    pk: int

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, dt.datetime) else self.value
        return f"{'' if value is None else value}~{self.pk}"

    @classmethod
    def parse(cls, text: str, order: Order) -> "Place":
        """The place that an address names. Raises ValidationError for what is none in this order."""
        value, _sign, number = text.rpartition("~")
        try:
            place = cls(order.read(value) if value else None, int(number))
        except (ValueError, OverflowError):
            place = cls(None, -1)
        lacks_value = place.value is None and not order.nullable
        if lacks_value or _is_no_value(place.value) or not 0 <= place.pk < 2**63:
            raise ValidationError(_("This page of the list is not there. It begins anew."))
        return place


@dataclass(frozen=True)
class Stretch:
    """One page: numbers of reports in order, and where the pages before and behind it begin."""

    ids: Sequence[int]
    before: Place | None
    after: Place | None


def read(reports: QuerySet[Incident], order: Order, size: int, *, after: Place | None, before: Place | None) -> Stretch:
    """The page of `size` reports behind or before a place, else the first one. At most two queries, both by index."""
    backwards = before is not None and after is None
    start = before if backwards else after
    places: list[Place] = []
    for without_value in (True, False) if backwards else (False, True):
        if len(places) <= size and (order.nullable or not without_value):
            part = _part(reports, order, start, without_value=without_value, backwards=backwards)
            places += [Place(*row) for row in part[: size + 1 - len(places)]]
    more, places = len(places) > size, places[:size]
    if backwards:
        places.reverse()
    earlier, later = (more, True) if backwards else (start is not None, more)
    return Stretch(
        [place.pk for place in places],
        places[0] if places and earlier else None,
        places[-1] if places and later else None,
    )


def _part(
    reports: QuerySet[Incident], order: Order, start: Place | None, *, without_value: bool, backwards: bool
) -> QuerySet[Incident, Any]:
    """Reports beyond the place, those with a value or those without: apart, each in the order of the index."""
    if order.nullable:
        reports = reports.filter(**{f"{order.column}__isnull": without_value})
    number = "pk__lt" if order.newest_first != backwards else "pk__gt"
    if start is not None and (start.value is None) == without_value:
        beyond = Q(**{number: start.pk})
        if not without_value:
            side = "lt" if order.descending != backwards else "gt"
            beyond = Q(**{f"{order.column}__{side}e": start.value}) & (
                Q(**{f"{order.column}__{side}": start.value}) | beyond
            )
        reports = reports.filter(beyond)
    elif start is not None and without_value == backwards:
        return reports.none().values_list(order.column, "pk")  # the other part lies wholly on this side of the place
    names = [order._number(backwards=backwards)]
    if not without_value:
        names.insert(0, order._plain(backwards=backwards))
    return reports.order_by(*names).values_list(order.column, "pk")


def _is_no_value(value: Any) -> bool:
    """NaN, which no number is before or behind, and a time of nowhere."""
    return bool(value != value) or (isinstance(value, dt.datetime) and value.tzinfo is None)
