"""Joining a report to another one about the same thing, and taking it apart again.

What is decided on the head says nothing about the joined ones: each keeps its own labels and its own place in the data.
A second opinion that it waits for, or a dispute, waits with it: neither is served while it is joined.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.models import Incident, Merge, User
from incidents.services import audit
from incidents.services.decisions import UNHELD
from incidents.services.reviewing import ClaimLost

Status = Incident.Status
MERGED, UNMERGED, JOINED, LEFT = "incident.merged", "incident.unmerged", "incident.joined", "incident.left"


class MergeRefused(Exception):
    """These two cannot be joined, or are not; the message says why and what to do."""


def merge(incident: Incident, into: Incident, *, by: User, similarity: float | None = None) -> Merge:
    """Join a report to another one, to its head where that is joined itself; what was joined to it comes along.

    `similarity`: with which it was offered, 0 to 1. Raises MergeRefused, and ClaimLost while somebody else holds it.
    """
    with transaction.atomic():
        found, other = _locked(incident, into)
        head = other.merged_into or other
        _check(found, head)
        if not Incident.objects.filter(pk=incident.pk).claimable_by(by).exists():
            raise ClaimLost(_("Somebody else holds this report at the moment."))
        before = _status_before(found)
        done = Merge.objects.create(incident=incident, into=into, status_before=before, similarity=similarity, by=by)
        Incident.objects.filter(pk=incident.pk).update(status=Status.MERGED, merged_into=head, **UNHELD)
        Incident.objects.filter(merged_into=incident).update(merged_into=head)
        audit.record(MERGED, actor=by, incident=incident, into=head.pk, reason=str(head))
        audit.record(JOINED, actor=by, incident=head, report=incident.pk, reason=str(incident))
    incident.refresh_from_db()
    return done


def unmerge(incident: Incident, *, by: User | None) -> Merge:
    """Take a joined report apart: it is again what it was before, and what came along with it is joined to it again.

    Raises MergeRefused when it is not joined to any.
    """
    with transaction.atomic():
        (found,) = _locked(incident)
        done = Merge.objects.filter(incident=incident, undone_at=None).order_by("-pk").first()
        head = found.merged_into
        if done is None or head is None:
            raise MergeRefused(_("Report %(report)s is not joined to another one.") % {"report": incident})
        Merge.objects.filter(pk=done.pk).update(undone_at=timezone.now(), undone_by=by)
        own = Merge.objects.filter(into=incident, undone_at=None).values("incident")
        Incident.objects.filter(pk=incident.pk).update(status=_status_after(found, done), merged_into=None)
        Incident.objects.filter(pk__in=own, status=Status.MERGED).update(merged_into=incident)
        audit.record(UNMERGED, actor=by, incident=incident, into=head.pk, reason=str(head))
        audit.record(LEFT, actor=by, incident=head, report=incident.pk, reason=str(incident))
    incident.refresh_from_db()
    return done


def merged_reports(incident: Incident) -> list[Incident]:
    """What is joined to a report, the newest first."""
    return list(incident.merged_incidents.select_related("current_text").order_by("-pk"))


def merged_counts(incidents: Iterable[Incident]) -> dict[int, int]:
    """How many reports are joined to each of these, by number; those with none are left out. One query."""
    joined = Incident.objects.filter(merged_into__in=[one.pk for one in incidents])
    return dict(joined.order_by().values_list("merged_into").annotate(Count("pk")))


def _locked(*incidents: Incident) -> list[Incident]:
    """The rows as they are now, in the given order; nobody else changes them until the transaction ends."""
    rows = Incident.objects.select_for_update().filter(pk__in={one.pk for one in incidents}).order_by("pk")
    found = {row.pk: row for row in rows}
    return [found[one.pk] for one in incidents]


def _check(incident: Incident, head: Incident) -> None:
    said = {"report": incident, "head": head}
    if incident.status == Status.MERGED:
        raise MergeRefused(_("Report %(report)s is joined to another one already. Take it apart first.") % said)
    if head.pk == incident.pk:
        raise MergeRefused(_("A report cannot be joined to itself, or to one that is joined to it.") % said)


def _status_before(incident: Incident) -> str:
    """Without the claim, which ends."""
    if incident.status == Status.IN_REVIEW:
        return incident.status_at_rest()
    return str(incident.status)


def _status_after(incident: Incident, done: Merge) -> str:
    """What was new may have been read by a model meanwhile."""
    read = done.status_before == Status.NEW and incident.current_model
    return Status.CLASSIFIED if read else done.status_before
