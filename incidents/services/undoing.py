"""Taking back what a person did last: a decision, a skip, joining two reports, setting one aside."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from incidents.models import AuditEvent, BulkRun, Incident, Label, Merge, User
from incidents.models.opinion import LEFT
from incidents.services import alike, audit, decisions, reviewing, second_opinions, snoozing
from incidents.services.merging import MergeRefused
from incidents.services.reviewing import SKIP_UNDONE, SKIPPED, ClaimLost, hold
from incidents.services.snoozing import SNOOZED

Status = Incident.Status
GONE = gettext_noop("Somebody else has taken up or decided that report since.")


def undo(person: User) -> Incident | BulkRun | None:
    """Take back what this person did last of all that still stands, and hold that report again; None without any.

    What was joined or set aside is held only where it is undecided. A bulk run is given as it is: its own page takes
    it back as a whole. Raises ClaimLost when somebody else holds or has decided that report since.
    """
    last = max(_acts(person), key=lambda act: act.created_at, default=None)
    if isinstance(last, Label):
        return _undo_label(last, person)
    if isinstance(last, Merge):
        return _undo_merge(last, person)
    if isinstance(last, AuditEvent):
        return _undo_snooze(last, person) if last.kind == SNOOZED else _undo_skip(last, person)
    return last


def _acts(person: User) -> Sequence[Any]:
    """The last of each kind that still stands."""
    mine = Label.objects.standing().filter(reviewer=person, source=Label.Source.REVIEW, current_of__isnull=False)
    first = mine.filter(bulk=None, slot=Label.Slot.FIRST).exclude(incident__status=Status.MERGED)
    merges = Merge.objects.filter(by=person, undone_at=None, incident__status=Status.MERGED).select_related("incident")
    found = (
        first.order_by("-pk").first(),
        second_opinions.last_given(person),
        second_opinions.last_passed_on(person),
        _last_skip(person),
        _last_snooze(person),
        merges.order_by("-pk").first(),
        _last_run(person),
    )
    return [act for act in found if act is not None]


def _last_skip(person: User) -> AuditEvent | None:
    """Of a report that nobody has decided since."""
    mine = AuditEvent.objects.filter(actor=person, incident__status=Status.SECOND_LOOK)
    undone = mine.filter(kind=SKIP_UNDONE).values_list("detail__event", flat=True)
    later = Label.objects.filter(incident=OuterRef("incident"), created_at__gt=OuterRef("created_at"))
    return mine.filter(~Exists(later), kind=SKIPPED).exclude(pk__in=list(undone)).first()


def _last_snooze(person: User) -> AuditEvent | None:
    """Of a report that still waits because of that."""
    waiting = AuditEvent.objects.filter(kind=SNOOZED, incident__status=Status.WAITING_REPORTER)
    later = waiting.filter(incident=OuterRef("incident"), pk__gt=OuterRef("pk"))
    return waiting.filter(~Exists(later), actor=person).first()


def _last_run(person: User) -> BulkRun | None:
    """The last bulk run that can still be taken back."""
    begun = [BulkRun.Status.QUEUED, BulkRun.Status.RUNNING, BulkRun.Status.DONE, BulkRun.Status.CANCELLED]
    return BulkRun.objects.filter(by=person, status__in=begun).order_by("-pk").first()


def _undo_label(label: Label, person: User) -> Incident:
    incident = label.incident
    if label.slot == Label.Slot.SECOND:
        return _or_lost(incident if second_opinions.take_back(label, person) else None)
    with transaction.atomic():
        if not hold(Incident.objects.filter(current_label=label), incident, person):
            raise ClaimLost(_(GONE))
        decisions.take_back([label], by=person)
    return incident


def _undo_skip(event: AuditEvent, person: User) -> Incident:
    if event.kind in LEFT:
        return _or_lost(second_opinions.take_up(event, person))
    incident = event.incident
    with transaction.atomic():
        if incident is None or not hold(Incident.objects.filter(status=Status.SECOND_LOOK), incident, person):
            raise ClaimLost(_("Somebody else has taken up the report that you skipped."))
        Incident.objects.filter(pk=incident.pk).update(claimed_from="")  # let go, it returns to the queue
        audit.record(SKIP_UNDONE, actor=person, incident=incident, event=event.pk)
    return incident


def _undo_merge(done: Merge, person: User) -> Incident:
    try:
        alike.part(done.incident, by=person)
    except MergeRefused as error:
        raise ClaimLost(_(GONE)) from error
    reviewing.claim(done.incident, person)
    return done.incident


def _undo_snooze(event: AuditEvent, person: User) -> Incident:
    incident = event.incident
    if incident is None or not snoozing.wake(incident, by=person):
        raise ClaimLost(_(GONE))
    reviewing.claim(incident, person)
    return incident


def _or_lost(incident: Incident | None) -> Incident:
    if incident is None:
        raise ClaimLost(_(GONE))
    return incident
