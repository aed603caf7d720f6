"""What awaits a person: the counts of the first page."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classifier.models import ModelVersion
from incidents.models import Incident, Label, User


@dataclass(frozen=True)
class ReporterCounts:
    filed: int
    decided: int
    accepted: int = 0  # automatically

    @property
    def sentence(self) -> str:
        if not self.filed:
            return _("None filed yet.")
        counts = {"decided": self.decided, "open": self.filed - self.decided - self.accepted}
        if self.accepted:
            told = _("%(decided)s decided, %(accepted)s accepted automatically, %(open)s on the way.")
            return told % (counts | {"accepted": self.accepted})
        return _("%(decided)s decided, %(open)s on the way.") % counts


@dataclass(frozen=True)
class ReviewCounts:
    """`champion` is None until a first model serves; `champion_error` says why it cannot be read, or is empty."""

    unclassified: int
    waiting: int
    second_look: int
    decided_today: int
    champion: ModelVersion | None
    champion_error: str

    @property
    def sentence(self) -> str:
        second = ngettext("%(n)s needs a second look.", "%(n)s need a second look.", self.second_look)
        today = _("You decided %(n)s today.") % {"n": self.decided_today}
        return f"{second % {'n': self.second_look}} {today}"


def reporter_counts(user: User) -> ReporterCounts:
    mine = Incident.objects.filter(reporter=user)
    over = [Incident.Status.DECIDED, Incident.Status.REJECTED]
    return ReporterCounts(
        filed=mine.count(),
        decided=mine.filter(status__in=over).count(),
        accepted=mine.filter(status=Incident.Status.ACCEPTED).count(),
    )


def review_counts(user: User) -> ReviewCounts:
    champion = ModelVersion.objects.champion()
    return ReviewCounts(
        unclassified=Incident.objects.filter(status=Incident.Status.NEW).count(),
        waiting=Incident.objects.awaiting_review().count(),
        second_look=Incident.objects.awaiting_second_look().count(),
        decided_today=Label.objects.reviewed_by(user).standing().of_today().count(),
        champion=champion,
        champion_error=champion.artefact_error if champion else "",
    )
