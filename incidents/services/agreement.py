"""How far people agree who label the same report without knowing of each other, and how long they take.

A set of labels is one value: two people agree when they choose exactly the same labels, or both reject. Who was unsure
said neither, so that such a pair is not counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet

from classifier.ml.taxonomy_map import Reading
from incidents.models import Label, Path, SecondOpinion, User
from incidents.services.dashboard_span import Span
from incidents.shares import Beyond, Share, alpha, kappa

ENOUGH = 10  # reports that two people must share before their kappa is told
ENOUGH_TIMES = 5  # decisions of a person before their times are drawn
NEWEST = 5_000  # decisions of the time that the box plot looks at
GIVEN = [SecondOpinion.State.AGREED, SecondOpinion.State.DISPUTED, SecondOpinion.State.ADJUDICATED]

Value = tuple[int, ...]  # numbers of paths; none is a rejection


@dataclass(frozen=True)
class Said:
    person: int
    verdict: str
    value: Value

    @property
    def unsure(self) -> bool:
        return self.verdict == Label.Verdict.UNSURE


@dataclass(frozen=True)
class Pair:
    """Two people and what they said of the same reports; `kappa` is None while there are too few."""

    one: str
    other: str
    same: Share
    kappa: Beyond | None


@dataclass(frozen=True)
class Agreement:
    """`alpha` is over everybody, None while there are too few reports; `people` are those who share a report."""

    same: Share
    alpha: Beyond | None
    pairs: Sequence[Pair]
    people: Sequence[str]
    unsure: int

    def pair(self, one: str, other: str) -> Pair | None:
        return next((pair for pair in self.pairs if {pair.one, pair.other} == {one, other}), None)


@dataclass(frozen=True)
class Times:
    """Seconds per decision of one person: quartiles, and whiskers to the last decision within 1.5 times their distance.

    `median` and all else is None with too few decisions.
    """

    person: str
    n: int
    median: float | None = None
    lower: float | None = None
    upper: float | None = None
    low: float | None = None
    high: float | None = None


def agreement(span: Span) -> Agreement:
    """Of second opinions that were given in this time; four queries."""
    given = SecondOpinion.objects.filter(
        state__in=GIVEN, second__created_at__gte=span.since, second__created_at__lt=span.until
    )
    reading = Path.objects.reading()
    firsts, seconds = _said(given, "first", reading), _said(given, "second", reading)
    both = [(firsts[pk], seconds[pk]) for pk in firsts if pk in seconds]
    counted = [pair for pair in both if not any(said.unsure for said in pair)]
    names = _names({said.person for pair in counted for said in pair})
    shared: dict[tuple[str, str], list[tuple[Value, Value]]] = defaultdict(list)
    for pair in counted:
        one, other = sorted(pair, key=lambda said: names[said.person])
        shared[names[one.person], names[other.person]].append((one.value, other.value))
    everything = [pair for pairs in shared.values() for pair in pairs]
    return Agreement(
        same=_same(everything),
        alpha=alpha(everything) if len(everything) >= ENOUGH else None,
        pairs=[_pair(people, pairs) for people, pairs in sorted(shared.items())],
        people=sorted({person for people in shared for person in people}),
        unsure=len(both) - len(counted),
    )


def times(span: Span) -> list[Times]:
    """Of the newest decisions of this time that people took one by one; two queries."""
    decided = Label.objects.filter(source=Label.Source.REVIEW, bulk=None, seconds__isnull=False, reviewer__isnull=False)
    within = decided.filter(created_at__gte=span.since, created_at__lt=span.until).order_by("-pk")
    seconds: dict[int, list[float]] = defaultdict(list)
    for person, taken in within.values_list("reviewer", "seconds")[:NEWEST]:
        seconds[person].append(taken or 0.0)
    names = _names(seconds)
    return sorted((_times(names[person], taken) for person, taken in seconds.items()), key=lambda one: one.person)


def _said(opinions: QuerySet[SecondOpinion], slot: str, reading: Reading) -> dict[int, Said]:
    """What was said in this slot, by the number of the opinion; nothing by people who are gone."""
    rows = opinions.filter(**{f"{slot}__reviewer__isnull": False})
    found: dict[int, tuple[int, str, list[int]]] = {}
    for pk, person, verdict, path in rows.values_list("pk", f"{slot}__reviewer", f"{slot}__verdict", f"{slot}__paths"):
        found.setdefault(pk, (person, verdict, []))[2].append(path)
    return {
        pk: Said(person, verdict, tuple(sorted(reading.ids(filter(None, paths)))))
        for pk, (person, verdict, paths) in found.items()
    }


def _names(people: Iterable[int]) -> dict[int, str]:
    return {user.pk: user.get_username() for user in User.objects.filter(pk__in=list(people))}


def _same(pairs: Sequence[tuple[Value, Value]]) -> Share:
    return Share(sum(one == other for one, other in pairs), len(pairs))


def _pair(people: tuple[str, str], pairs: Sequence[tuple[Value, Value]]) -> Pair:
    return Pair(*people, _same(pairs), kappa(pairs) if len(pairs) >= ENOUGH else None)


def _times(person: str, taken: Sequence[float]) -> Times:
    if len(taken) < ENOUGH_TIMES:
        return Times(person, len(taken))
    lower, median, upper = (float(one) for one in np.percentile(taken, [25, 50, 75]))
    reach = 1.5 * (upper - lower)
    within = [one for one in taken if lower - reach <= one <= upper + reach]
    return Times(person, len(taken), median, lower, upper, min(within), max(within))
