"""Reports that are set aside until a day, or until their reporter answers, and come back by themselves."""

import datetime as dt

from django.db import transaction
from django.db.models import Case, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from incidents.models import AuditEvent, Incident, Notice, User
from incidents.services import audit, notices, second_opinions
from incidents.services.decisions import UNHELD
from incidents.services.reviewing import ClaimLost

Status = Incident.Status
SNOOZED, WOKEN = "incident.snoozed", "incident.woken"
OPEN = (Status.NEW, Status.CLASSIFIED, Status.SECOND_LOOK, Status.IN_REVIEW)
AT_ONCE = 500  # reports that one round of the sweeper wakes


def snooze(incident: Incident, *, by: User, until: dt.datetime | None, for_answer: bool) -> None:
    """Set an undecided report aside; a claim of this person ends with it, or their second opinion goes to others.

    Raises ClaimLost when somebody else holds the report, or it is decided or set aside already.
    """
    if until is None and not for_answer:
        raise ValueError("a report is set aside until something")
    came_from = Case(When(status=Status.IN_REVIEW, then="claimed_from"), default="status")
    with transaction.atomic():
        if second_opinions.set_aside(incident, by):
            return
        free = Incident.objects.filter(pk=incident.pk, status__in=OPEN).claimable_by(by)
        if not free.update(
            claimed_from=came_from, status=Status.WAITING_REPORTER, wakes_at=until, awaits_answer=for_answer, **UNHELD
        ):
            raise ClaimLost(_("Somebody else holds this report, or it was decided or set aside meanwhile."))
        incident.refresh_from_db()
        until_day, before = until.isoformat() if until else "", incident.claimed_from
        audit.record(SNOOZED, actor=by, incident=incident, until=until_day, for_answer=for_answer, before=before)


def wake(incident: Incident, *, by: User | None = None, reason: str = "") -> bool:
    """Bring a report back to where it was, and tell whoever set it aside; False when it is not set aside.

    Call it when the reporter answers. `by`: who wakes it by hand; `reason` never holds a report's text.
    """
    incident.refresh_from_db()
    with transaction.atomic():
        waiting = Incident.objects.filter(pk=incident.pk, status=Status.WAITING_REPORTER)
        # A report that a model has read meanwhile is classified, whatever it was before.
        after = incident.status_at_rest()
        if not waiting.update(status=after, wakes_at=None, awaits_answer=False, claimed_from=""):
            return False
        audit.record(WOKEN, actor=by, incident=incident, reason=reason, after=after)
        snoozed = AuditEvent.objects.filter(incident=incident, kind=SNOOZED).select_related("actor").first()
        if snoozed and snoozed.actor:
            notices.tell([snoozed.actor], Notice.Kind.RETURNED, incident=incident, by=by)
    incident.refresh_from_db()
    return True


def wake_snoozed() -> int:
    """Bring back the reports whose day has come; the number of them."""
    due = Incident.objects.filter(status=Status.WAITING_REPORTER, wakes_at__lte=timezone.now())
    return sum(
        wake(one, reason=gettext_noop("Its day has come")) for one in due.select_related("current_label")[:AT_ONCE]
    )
