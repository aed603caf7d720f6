"""What came, what was decided, what waits, and since when."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Min
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classifier.wording import duration
from incidents.models import Incident, User
from incidents.services.dashboard_picture import Chart, Column, Picture, Series, Tile, count
from incidents.services.dashboard_span import Slot, Span
from incidents.services.dashboard_sql import counted, per_slot

INCIDENTS = "incidents_incident"
Status = Incident.Status
WAITING = (Status.NEW, Status.CLASSIFIED, Status.IN_REVIEW, Status.SECOND_LOOK, Status.WAITING_REPORTER)
EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
# The youngest first: a name, and the age from which a report falls into it.
AGES: tuple[tuple[Promise, dt.timedelta], ...] = (
    (_("less than 1 hour"), 0 * HOUR),
    (_("1 to 4 hours"), HOUR),
    (_("4 to 24 hours"), 4 * HOUR),
    (_("1 to 3 days"), DAY),
    (_("3 to 7 days"), 3 * DAY),
    (_("7 to 30 days"), 7 * DAY),
    (_("more than 30 days"), 30 * DAY),
)


def flow(span: Span, user: User) -> Picture:
    """Two queries. What waits at the end of a slot is what was filed before it and neither decided, accepted
    automatically nor merged."""
    merged = "status = 'merged' AND decided_at IS NULL"
    filed, decided = counted(INCIDENTS, "created_at"), counted(INCIDENTS, "decided_at")
    before = Slot(span.first, EARLIEST, span.since)
    others = (counted(INCIDENTS, "created_at", which) for which in (merged, "status = 'accepted'"))
    rows = per_slot([before, *span.slots], filed, decided, *others)
    waiting, days = 0, []
    for came, gone, joined, accepted in rows:
        waiting += came - gone - joined - accepted
        days.append((came, gone, max(0, waiting)))
    by_status = Incident.objects.filter(status__in=WAITING).values("status").annotate(at=Min("created_at"))
    oldest = min((row["at"] for row in by_status), default=None)
    came, gone, left = (list(column) for column in zip(*days[1:], strict=True))
    age = duration((timezone.now() - oldest).total_seconds()) if oldest else "–"
    return Picture(
        columns=(Column(_("From"), "day"), Column(_("Filed")), Column(_("Decided")), Column(_("Waiting at the end"))),
        rows=[(slot.first, *numbers) for slot, numbers in zip(span.slots, days[1:], strict=True)],
        empty="",
        tiles=(
            Tile(_("filed"), count(sum(came))),
            Tile(_("decided"), count(sum(gone))),
            *_accepted(sum(row[3] for row in rows[1:])),
            Tile(_("waiting at the end"), count(left[-1])),
            Tile(_("age of the oldest that waits now"), age),
        ),
        charts=(
            Chart(
                _("Filed and decided"),
                span.names,
                (Series(_("Filed"), came), Series(_("Decided (dashed)"), gone, "dashed")),
            ),
            Chart(_("Waiting"), span.names, (Series(_("Waiting at the end"), left),)),
        ),
    )


def _accepted(number: int) -> list[Tile]:
    """Of the reports filed in the span; no word of it where nothing is accepted."""
    return [Tile(_("accepted automatically, of those filed"), count(number))] if number else []


@dataclass(frozen=True)
class Bar:
    name: Promise
    number: int


def ages(span: Span, user: User) -> Picture:
    """One query, of the present whatever the span is."""
    now = timezone.now()
    ends = [now - age for _name, age in AGES[1:]]
    slots = [Slot(span.first, since, until) for since, until in zip([*ends, EARLIEST], [now + DAY, *ends], strict=True)]
    waiting = [counted(INCIDENTS, "created_at", f"status = '{status}'") for status in WAITING]
    numbers = [sum(row) for row in per_slot(slots, *waiting)]
    names = [name for name, _age in AGES]
    return Picture(
        columns=(Column(_("Age"), "text"), Column(_("Reports"))),
        rows=[(str(name), number) for name, number in zip(names, numbers, strict=True)] if any(numbers) else [],
        empty=_("Nothing waits: every report is decided."),
        bars=[Bar(name, number) for name, number in zip(names, numbers, strict=True)],
        most=max(numbers),
    )
