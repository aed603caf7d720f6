"""The filters of the list with how many reports each value would leave."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, User
from incidents.services.facet_cube import Cube

ME, NOBODY = "me", "nobody"
Choices = Mapping[str, str | Promise]

CONFIDENCE: Choices = {
    "1": _("Below 50 %"),
    "2": _("50 to 70 %"),
    "3": _("70 to 90 %"),
    "4": _("90 % and more"),
    "0": _("Not classified"),
}
ANOMALY: Choices = {
    "4": _("Rarer than 99 of 100"),
    "3": _("Rarer than 90 of 100"),
    "2": _("Rarer than 50 of 100"),
    "1": _("Usual"),
    "0": _("Not measured"),
}
AGE: Choices = {
    "today": _("Today"),
    "week": _("Last 7 days"),
    "month": _("Last 30 days"),
    "older": _("Older"),
}
UNSURE: Choices = {"on": _("Unsure only")}
LABELS: Choices = {
    "age": _("Filed"),
    "assignee": _("Assigned to"),
    "category": _("Category"),
    "confidence": _("Confidence"),
    "unsure": _("Certainty"),
    "anomaly": _("Unusual"),
    "model": _("Model"),
    "source": _("Source"),
}
SHOWN = 6  # values of a long filter before the rest folds away


@dataclass(frozen=True)
class Value:
    """One value to choose; `query` is the list's address with it, or without it where it is chosen."""

    label: str | Promise
    number: int
    chosen: bool
    query: str


@dataclass(frozen=True)
class Facet:
    name: str
    label: str | Promise
    values: Sequence[Value]
    rest: Sequence[Value]  # folded away

    @property
    def chosen(self) -> bool:
        return any(one.chosen for one in (*self.values, *self.rest))


@dataclass(frozen=True)
class Facets:
    each: Sequence[Facet]
    total: int

    @property
    def chosen(self) -> int:
        return sum(facet.chosen for facet in self.each)


def facets(cube: Cube, chosen: Mapping[str, Any], query: Mapping[str, str], user: User) -> Facets:
    """`chosen`: the values as the columns hold them; `query`: the list's address as it stands, without a page."""
    counts = cube.count(chosen)
    people = User.objects.in_bulk([pk for pk in counts["assignee"] if pk]) if counts["assignee"] else {}
    offered: dict[str, list[tuple[str, str | Promise, int]]] = {
        "age": _fixed(AGE, counts["age"]),
        "assignee": _people(counts["assignee"], people, user),
        "category": _named(counts["category"]),
        "confidence": _fixed(CONFIDENCE, counts["confidence"], int),
        "unsure": [("on", UNSURE["on"], counts["unsure"].get(True, 0))],
        "anomaly": _fixed(ANOMALY, counts["anomaly"], int),
        "model": _named(counts["model"]),
        "source": _named(counts["source"], dict(Incident.Source.choices)),
    }
    each = [_facet(name, label, offered[name], query) for name, label in LABELS.items()]
    return Facets([one for one in each if one.values], counts[""]["total"])


def _facet(
    name: str, label: str | Promise, values: Iterable[tuple[str, str | Promise, int]], query: Mapping[str, str]
) -> Facet:
    now = query.get(name, "")
    shown = [_value(name, *one, query) for one in values if one[2] or one[0] == now]
    if now and not any(one.chosen for one in shown):
        shown.insert(0, _value(name, now, now, 0, query))
    short = [*shown[:SHOWN], *(one for one in shown[SHOWN:] if one.chosen)]
    return Facet(name, label, short, [one for one in shown[SHOWN:] if not one.chosen])


def _value(name: str, value: str, label: str | Promise, number: int, query: Mapping[str, str]) -> Value:
    chosen = query.get(name) == value
    without = {key: one for key, one in query.items() if key != name}
    return Value(label, number, chosen, urlencode(without if chosen else without | {name: value}))


def _fixed(choices: Choices, counts: Mapping[Any, int], kind: type = str) -> list[tuple[str, str | Promise, int]]:
    return [(value, label, counts.get(kind(value), 0)) for value, label in choices.items()]


def _named(
    counts: Mapping[Any, int], labels: Mapping[str, str | Promise] | None = None
) -> list[tuple[str, str | Promise, int]]:
    """The most frequent first; what has no name cannot be chosen."""
    order = sorted(((-number, str(value)) for value, number in counts.items() if value))
    return [(value, (labels or {}).get(value, value), -number) for number, value in order]


def _people(counts: Mapping[Any, int], people: Mapping[int, User], me: User) -> list[tuple[str, str | Promise, int]]:
    others = {people[pk].get_username(): number for pk, number in counts.items() if pk in people and pk != me.pk}
    return [(ME, _("Me"), counts.get(me.pk, 0)), (NOBODY, _("Nobody"), counts.get(None, 0)), *_named(others)]
