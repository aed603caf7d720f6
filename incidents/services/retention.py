"""How long settled reports are kept, category by category; by default for ever."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from classifier.ml.taxonomy import JOINER
from incidents.models import Category, Incident, RetentionRule, User
from incidents.models.incident import IncidentQuerySet
from incidents.services import audit
from incidents.services.legal_holds import free, held

Status = Incident.Status
SETTLED = (Status.ACCEPTED, Status.DECIDED, Status.REJECTED, Status.MERGED)
LONGEST = 36_500  # days
CHANGED = "retention.changed"
Days = Mapping[int | None, int | None]  # by number of the category, None for all others; no days: for ever


@dataclass(frozen=True)
class Look:
    """What rules would do now: `due` reports erased, and `held` ones that are old enough but under legal hold."""

    due: int
    held: int


def set_rules(days: Days, *, by: User) -> int:
    """Append what differs from the rules in force; how many that are. Raises ValidationError."""
    known = RetentionRule.objects.in_force()
    changed = {category: kept for category, kept in days.items() if known.get(category) != kept}
    for kept in changed.values():
        if kept is not None and not 1 <= kept <= LONGEST:
            raise ValidationError(_("Reports are kept for 1 to %(longest)d days, or for ever.") % {"longest": LONGEST})
    with transaction.atomic():
        for category, kept in changed.items():
            RetentionRule.objects.create(category_id=category, days=kept, by=by)
            subject = f"category {category}" if category else "other categories"
            audit.record(CHANGED, actor=by, subject=subject, before=known.get(category), after=kept)
    return len(changed)


def look(days: Days) -> Look:
    """How many reports these rules would erase now."""
    found = [(free(old).count(), held(old).count()) for old in _outlived(days)]
    return Look(sum(due for due, _held in found), sum(kept for _due, kept in found))


def due(days: Days) -> list[int]:
    """The numbers of the reports that these rules erase now, the oldest first."""
    return sorted(pk for old in _outlived(days) for pk in free(old).values_list("pk", flat=True))


def _outlived(days: Days) -> Iterator[IncidentQuerySet]:
    """Settled reports that are older than their category is kept, by what stands as their category."""
    if not any(days.values()):
        return
    numbers = dict(Category.objects.values_list("name", "pk"))
    settled, now = Incident.objects.filter(status__in=SETTLED), timezone.now()
    for standing in settled.order_by().values_list("standing_category", flat=True).distinct():
        kept = _days_of(standing, numbers, days)
        if kept is not None:
            before = now - dt.timedelta(days=kept)
            since = Q(decided_at__lt=before) | Q(decided_at=None, created_at__lt=before)
            yield settled.filter(since, standing_category=standing)


def _days_of(standing: str, numbers: Mapping[str, int], days: Days) -> int | None:
    """A report of several categories is kept as long as the one that is kept the longest."""
    asked: list[int | None] = []
    for name in standing.split(JOINER):
        category = numbers.get(name)
        asked.append(days[category] if category in days else days.get(None))
    known = [kept for kept in asked if kept is not None]
    return max(known) if len(known) == len(asked) else None
