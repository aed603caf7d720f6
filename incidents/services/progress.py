"""How far the day's work is: mine, the others', and what is left."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, Label, User
from incidents.services.kept_counts import kept


@dataclass(frozen=True)
class Part:
    """One piece of the bar: `start` and `width` in per cent of it."""

    name: str
    label: str | Promise
    number: int
    start: float
    width: float


@dataclass(frozen=True)
class Progress:
    """Reports decided today by this person and by others, and those that wait for a decision."""

    mine: int
    others: int
    left: int  # many of them may be as of a minute ago

    @property
    def parts(self) -> Sequence[Part]:
        whole = (self.mine + self.others + self.left) or 1
        own, team = 100 * self.mine / whole, 100 * self.others / whole
        return (
            Part("mine", _("decided by you today"), self.mine, 0, own),
            Part("others", _("by others"), self.others, own, team),
            Part("left", _("left to review"), self.left, own + team, 100 - own - team),
        )


def progress(user: User) -> Progress:
    """Decisions that still stand, of this day in the time zone of the page; second opinions count as well."""
    # Only the day is a condition, else SQLite goes through all that was ever reviewed.
    reviewed = Q(source=Label.Source.REVIEW, reviewer__isnull=False)
    mine = Count("pk", filter=reviewed & Q(reviewer=user))
    counts = Label.objects.standing().of_today().aggregate(all=Count("pk", filter=reviewed), mine=mine)
    waiting = Incident.objects.filter(status=Incident.Status.CLASSIFIED)
    left = kept("left to review", waiting.count, int)
    return Progress(counts["mine"], counts["all"] - counts["mine"], left)
