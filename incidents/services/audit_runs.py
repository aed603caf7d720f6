"""The daily look through the audit chain, by a job, and what pages say of it."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from classifier.services.analysis_runs import QUEUE, RunState, state_of
from incidents.models import AuditCheck, AuditEvent, AuditHead, User
from incidents.services.audit_check import verify
from incidents.services.audit_seal import is_ours
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND = "verify_audit"
EVERY = dt.timedelta(days=1)
LATE = dt.timedelta(days=2)
TOO_LONG = dt.timedelta(minutes=10)  # a row waits 10 s where the sweeper runs
KEPT = 400  # looks
Status = AuditCheck.Status


@dataclass(frozen=True)
class AuditState:
    """`head` is the chain's end, `last` the last look that ended, `look` how far the newest is; None before any."""

    head: AuditHead | None
    last: AuditCheck | None
    look: RunState | None
    trouble: list[str]

    @property
    def is_good(self) -> bool:
        return not self.trouble


def request_check(by: User | None = None) -> None:
    """Have the chain looked through; nothing while that is being done. Two at one moment do no harm."""
    state = look_state()
    if state and state.at_work:
        return
    with transaction.atomic():
        run = AuditCheck.objects.create(by=by)
        jobs.enqueue(KIND, run.pk, queue=QUEUE, priority=Job.Priority.WEB if by else Job.Priority.BACKFILL)


def request_due_check() -> None:
    """Once a day, where there is a chain; asked every round."""
    lately = AuditCheck.objects.filter(created_at__gt=timezone.now() - EVERY)
    if not lately.exists() and AuditHead.objects.exists():
        request_check()


def check_chain(batch: Batch) -> None:
    """Look through the chain and keep what was found. Safe to run twice."""
    (number,) = batch.object_ids
    waiting = AuditCheck.objects.filter(pk=number, status__in=[Status.QUEUED, Status.RUNNING])
    found = verify() if waiting.update(status=Status.RUNNING) else None
    with transaction.atomic():
        if found:
            told = {"sequence": found.sequence, "findings": found.findings[:50], "finished_at": timezone.now()}
            waiting.update(status=Status.DONE, **told)
            AuditCheck.objects.filter(pk__lte=number - KEPT).delete()
        batch.finish()


def look_state() -> RunState | None:
    latest = AuditCheck.objects.first()
    return state_of(KIND, latest) if latest else None


def audit_state() -> AuditState:
    """What is known without looking: a few small queries."""
    last = AuditCheck.objects.filter(status=Status.DONE).first()
    head, look = AuditHead.objects.first(), look_state()
    trouble = [*(last.findings if last else []), *_of_now(head), *_of_looks(last, look)]
    return AuditState(head, last, look, trouble)


def _of_now(head: AuditHead | None) -> list[str]:
    found = []
    if head and not is_ours(head):
        found.append(
            _("The end of the chain does not carry the seal of this SECRET_KEY: nothing is added to it any more.")
        )
    oldest = AuditEvent.objects.waiting().order_by().aggregate(at=Min("created_at"))["at"]
    if oldest and oldest < timezone.now() - TOO_LONG:
        found.append(_("Events wait to be sealed for more than 10 minutes: does the sweeper run?"))
    return found


def _of_looks(last: AuditCheck | None, look: RunState | None) -> list[str]:
    found = []
    if look and look.status == Status.FAILED:
        found.append(_("The last look through the chain failed: %(why)s") % {"why": look.words})
    first = last or AuditCheck.objects.order_by("pk").first()
    since = first and (first.finished_at or first.created_at)
    if since and since < timezone.now() - LATE:
        found.append(_("No look through the chain has ended for two days: does a worker of the queue analysis run?"))
    return found
