"""What the page of drift shows: charts of the looks, alarms in plain words, reports unlike those known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classifier.ml.report_drift import ABSTENTION, KINDS, PERMUTATIONS, PREDICTION, RULE, TEXT
from classifier.models import DriftAlarm, DriftKind, DriftLook
from classifier.services.drift_figures import Watching, fired, measured, strength, watching
from classifier.services.report_drift import window_of
from classifier.wording import in_words, share
from incidents.models import Incident, User
from incidents.models.incident import IncidentQuerySet
from incidents.services.second_opinions import disguise_all

EXAMPLES = 6
SLOTS = 24  # bars that a chart has room for before they become narrower
WIDE, HIGH = 10, 100  # units of a bar, and of a chart
MOST = strength(1 / (PERMUTATIONS + 1))

MEANINGS: dict[str, str | Promise] = {
    TEXT: gettext_lazy("The newest reports use other words than those that the model learned from."),
    PREDICTION: gettext_lazy(
        "The model sorts the newest reports into its categories in other shares than it did the test reports of its"
        " dataset."
    ),
    ABSTENTION: gettext_lazy(
        "The share of reports of which the model is unsure is no longer what it was on the test reports of its dataset."
    ),
}
# What was injected, in the words of the benchmark -> of the page.
SHIFTS: dict[str, str | Promise] = {
    "category three times as frequent": gettext_lazy("One category comes three times as often"),
    "new category, 15 %": gettext_lazy("15 % of the reports are of a category that the model has never seen"),
    "another source, 15 %": gettext_lazy("15 % of the reports come from another source"),
    "typos in half": gettext_lazy("In half of the reports every third word is misspelt"),
    "half cut to six words": gettext_lazy("Half of the reports are only six words long"),
    "unsure three times as frequent": gettext_lazy("Reports of which the model is unsure come three times as often"),
}
ALARMS: dict[str, str | Promise] = {
    "as shipped": gettext_lazy("These tests"),
    "stability index over 0.2": gettext_lazy("Rule of thumb (stability index over 0.2)"),
    "always fire": gettext_lazy("An alarm at each look"),
    "never fire": gettext_lazy("Never an alarm"),
}


@dataclass(frozen=True)
class Bar:
    """`label` says what it stands for, for whoever points at it."""

    x: int
    y: int
    height: int
    label: str


@dataclass(frozen=True)
class Chart:
    """The looks of one kind; what reaches above `line` has fired."""

    kind: str
    title: str
    meaning: str
    bars: Sequence[Bar]
    width: int
    line: int
    first: int
    last: int


@dataclass(frozen=True)
class LookRow:
    """A look as a line of the table: for each kind its statistic, its p-value and whether it fired."""

    look: DriftLook
    unsure: str
    cells: Sequence[tuple[str, str, bool]]


@dataclass(frozen=True)
class AlarmRow:
    alarm: DriftAlarm
    meaning: str | Promise


@dataclass(frozen=True)
class Example:
    """A report, and how unlike its nearest known ones it is, from 0 to 1."""

    incident: Incident
    unlike: float


@dataclass(frozen=True)
class DriftPage:
    watching: Watching
    charts: Sequence[Chart]
    rows: Sequence[LookRow]
    open: Sequence[AlarmRow]
    settled: Sequence[AlarmRow]
    last: DriftLook | None
    words: Sequence[tuple[str, str, str]]
    examples: Sequence[Example]

    @property
    def rule(self) -> str:
        """When looks that fired are an alarm."""
        told = {"needed": RULE.needed, "of": RULE.of, "level": f"{100 * RULE.level:g} %"}
        return _("An alarm takes %(needed)s of the last %(of)s looks with p at most %(level)s.") % told

    @property
    def trouble(self) -> str:
        """Why no look comes any more, in the language that is active."""
        return in_words(self.watching.trouble)

    @property
    def untold(self) -> bool:
        """Whether the last look had too little to compare with for a single test."""
        return self.last is not None and not self.last.tests


@dataclass(frozen=True)
class Measured:
    """What the tests are worth: a line for each shift, with a cell for each way of raising alarms."""

    date: str
    alarms: Sequence[str | Promise]
    false: Sequence[str]
    shifts: Sequence[tuple[str | Promise, Sequence[str]]]


def drift_page(user: User) -> DriftPage:
    found = watching()
    last = found.looks[-1] if found.looks else None
    rows = [AlarmRow(alarm, MEANINGS[alarm.kind]) for alarm in found.alarms]
    return DriftPage(
        watching=found,
        charts=[_chart(kind, found.looks) for kind in KINDS],
        rows=[_row(look) for look in reversed(found.looks)],
        open=[row for row in rows if row.alarm.state == DriftAlarm.State.OPEN],
        settled=[row for row in rows if row.alarm.state != DriftAlarm.State.OPEN],
        last=last,
        words=[(word["word"], share(word["share"]), share(word["before"])) for word in last.words] if last else [],
        examples=_examples(last, user) if last else [],
    )


def reports_of(look: DriftLook, user: User) -> IncidentQuerySet:
    """The reports of a look that the person may see, in the order of their numbers: any other order would tell what
    the model thinks of them."""
    numbers = window_of(look).order_by().values("incident")
    return Incident.objects.visible_to(user).filter(pk__in=numbers).with_words_and_people().order_by("pk")


def what_it_is_worth() -> Measured:
    found = measured()
    by_alarm: Mapping[str, Any] = {row["alarm"]: row for row in found["rows"]}
    rows = [by_alarm[name] for name in ALARMS]
    return Measured(
        date=found["date"][:10],
        alarms=list(ALARMS.values()),
        false=[f"{row['false']:g}" for row in rows],
        shifts=[(words, [_delay(row["shifts"][name]) for row in rows]) for name, words in SHIFTS.items()],
    )


def _delay(found: Mapping[str, Any]) -> str:
    if not found["found"]:
        return _("never")
    if found["delay"] is None:
        return _("%(share)s of the times") % {"share": share(found["found"])}
    return _("%(reports)s reports, %(share)s") % {"reports": found["delay"], "share": share(found["found"])}


def _chart(kind: str, looks: Sequence[DriftLook]) -> Chart:
    shown = [look for look in looks if kind in look.tests]
    return Chart(
        kind=kind,
        title=str(DriftKind(kind).label),
        meaning=str(MEANINGS[kind]),
        bars=[_bar(place, look, kind) for place, look in enumerate(shown)],
        width=max(SLOTS, len(shown)) * WIDE,
        line=HIGH - _high(RULE.level),
        first=shown[0].number if shown else 0,
        last=shown[-1].number if shown else 0,
    )


def _high(p: float) -> int:
    return round(HIGH * min(strength(p) / MOST, 1))


def _bar(place: int, look: DriftLook, kind: str) -> Bar:
    p, height = look.tests[kind]["p"], max(2, _high(look.tests[kind]["p"]))
    told = {"number": look.number, "day": date_format(look.created_at, "j M Y"), "p": _chance(p)}
    return Bar(place * WIDE, HIGH - height, height, _("Look %(number)s, %(day)s: p = %(p)s") % told)


def _row(look: DriftLook) -> LookRow:
    above = fired(look)
    return LookRow(look, share(look.unsure), [(*_cell(look.tests.get(kind), kind), kind in above) for kind in KINDS])


def _cell(test: Mapping[str, float] | None, kind: str) -> tuple[str, str]:
    if test is None:
        return "–", "–"
    statistic = test["statistic"]
    written = {TEXT: f"{statistic:.4f}", PREDICTION: f"{statistic:.1f}", ABSTENTION: f"{100 * statistic:+.1f}"}[kind]
    return written, _chance(test["p"])


def _chance(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def _examples(look: DriftLook, user: User) -> list[Example]:
    """Those that the person may see, the most unlike first; of reports that are reviewed blind nothing is told."""
    distances = {int(number): distance for number, distance in look.unlike}
    seen = Incident.objects.visible_to(user).filter(pk__in=distances, blind=False).with_words_and_people()
    shown = sorted(disguise_all(seen, user), key=lambda one: -distances[one.pk])
    return [Example(one, distances[one.pk]) for one in shown[:EXAMPLES]]
