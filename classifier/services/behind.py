"""The test reports behind a figure: what is true of each, and what one or two versions decided. Reads rows only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Q, TextChoices
from django.utils.translation import gettext
from numpy.typing import NDArray

from classifier.ml.outcomes import Outcomes, paired
from classifier.models import ModelVersion
from classifier.services.outcomes import served_outcomes
from classifier.services.pair_runs import shared_snapshot
from incidents.models import Incident, SecondOpinion, User

Bools = NDArray[np.bool_]
AT_ONCE = 5000  # numbers in one query


class Which(TextChoices):
    """Which test reports; all but the first two need a second version."""

    ALL = "all"
    WRONG = "wrong"
    GAINED = "gained"  # right in the first version alone
    LOST = "lost"
    BOTH_WRONG = "both_wrong"
    BOTH_RIGHT = "both_right"


def choices_of(version: ModelVersion, other: ModelVersion | None) -> list[tuple[str, str]]:
    """What can be chosen, in words."""
    told = [
        (Which.ALL, gettext("All")),
        (Which.WRONG, gettext("Wrong in %(name)s") % {"name": version}),
        (Which.GAINED, gettext("Right in %(name)s alone") % {"name": version}),
        (Which.LOST, gettext("Right in %(name)s alone") % {"name": other}),
        (Which.BOTH_WRONG, gettext("Wrong in both")),
        (Which.BOTH_RIGHT, gettext("Right in both")),
    ]
    return [(str(which.value), words) for which, words in (told if other else told[:2])]


@dataclass(frozen=True)
class Chosen:
    """Which reports are asked for; `true` and `said` are labels in the words of the view, None for any."""

    view: str = "category"
    which: str = Which.ALL
    true: str | None = None
    said: str | None = None


@dataclass(frozen=True)
class Decided:
    label: str
    confidence: float
    right: bool


@dataclass(frozen=True)
class ReportRow:
    """One test report. `truth` is the label that it had when the dataset was frozen."""

    incident: Incident
    truth: str
    mine: Decided
    theirs: Decided | None


class ReportsBehind:
    """The reports of a choice as one person may see them, the surest mistakes first; `rows` makes those of a page.

    Left out are reports on which the person holds a second opinion, for the true label is the first one, and reports
    of the blind audit that are open again. `known`: whether it was kept what was decided of each report.
    """

    def __init__(self, version: ModelVersion, other: ModelVersion | None, chosen: Chosen, user: User) -> None:
        self._chosen = chosen
        self._mine, self._theirs = _outcomes(version, other)
        self.known = self._mine is not None
        self.positions = _positions(self._mine, self._theirs, chosen, user) if self._mine else []

    def rows(self, positions: Iterable[int]) -> list[ReportRow]:
        """In two queries for any number of `positions`."""
        if self._mine is None:
            return []
        places = np.array(list(positions), np.int64)
        mine, theirs = self._mine.taken(places), self._theirs.taken(places) if self._theirs else None
        reports = Incident.objects.select_related("current_text").in_bulk(mine.incident_ids.tolist())
        told, others = self._decided(mine), self._decided(theirs) if theirs else [None] * len(mine)
        found = zip(mine.incident_ids.tolist(), mine.truths(self._chosen.view), told, others, strict=True)
        return [ReportRow(reports[pk], truth, one, other) for pk, truth, one, other in found if pk in reports]

    def _decided(self, kept: Outcomes) -> list[Decided]:
        view = self._chosen.view
        rows = zip(kept.labels(view), kept.confidence.tolist(), kept.right(view).tolist(), strict=True)
        return [Decided(*row) for row in rows]


def _positions(mine: Outcomes, theirs: Outcomes | None, chosen: Chosen, user: User) -> list[int]:
    """Rows of the outcomes, in the order of the page."""
    right = mine.right(chosen.view)
    fits = np.isin(mine.incident_ids, visible_reports(mine.incident_ids.tolist(), user))
    fits &= _fitting(chosen.which, right, theirs.right(chosen.view) if theirs else None)
    if chosen.true is not None:
        fits &= np.array(mine.truths(chosen.view)) == chosen.true
    if chosen.said is not None:
        fits &= np.array(mine.labels(chosen.view)) == chosen.said
    order = np.lexsort((-mine.confidence, right))
    return [int(place) for place in order[fits[order]]]


def _fitting(which: str, right: Bools, also: Bools | None) -> Bools:
    if which == Which.ALL:
        return np.ones(len(right), bool)
    if which == Which.WRONG:
        return ~right
    if also is None:
        return np.zeros(len(right), bool)
    return {
        Which.GAINED: right & ~also,
        Which.LOST: also & ~right,
        Which.BOTH_WRONG: ~right & ~also,
        Which.BOTH_RIGHT: right & also,
    }[Which(which)]


def visible_reports(ids: Sequence[int], user: User) -> list[int]:
    """Those of which this person may see both the label and what models say."""
    held = SecondOpinion.objects.reports_held_by(user)
    hidden = Q(blind=True, decided_at=None)
    seen = Incident.objects.visible_to(user).exclude(hidden).exclude(pk__in=held)
    parts = (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
    return [pk for part in parts for pk in seen.filter(pk__in=part).values_list("pk", flat=True)]


def _outcomes(version: ModelVersion, other: ModelVersion | None) -> tuple[Outcomes | None, Outcomes | None]:
    """On the test reports that both share; of one version alone, on those of its own dataset."""
    if other is None:
        return served_outcomes(version, version.snapshot), None
    snapshot = shared_snapshot(version, other)
    if snapshot is None:
        return None, None
    mine, theirs = served_outcomes(version, snapshot), served_outcomes(other, snapshot)
    assert mine is not None and theirs is not None, "shared means that both are kept"
    return paired(mine, theirs)
