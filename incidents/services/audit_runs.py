"""The daily look through the audit chain, by a job, and what pages say of it."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from classifier.services.analysis_runs import QUEUE
from incidents.models import AuditCheck, AuditEvent, AuditHead, User
from incidents.services.audit_check import verify
from incidents.services.audit_seal import is_ours
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND = "verify_audit"
EVERY = dt.timedelta(days=1)
TOO_LONG = dt.timedelta(minutes=10)  # a row waits 10 s where the sweeper runs
KEPT = 400  # looks


@dataclass(frozen=True)
class AuditState:
    """`head` is the chain's end, `last` the last look that ended, `asked` whether one is to come."""

    head: AuditHead | None
    last: AuditCheck | None
    asked: bool
    trouble: list[str]

    @property
    def is_good(self) -> bool:
        return not self.trouble


def request_check(by: User | None = None) -> None:
    """Have the chain looked through; nothing while that is being done."""
    if _at_work():
        return
    with transaction.atomic():
        run = AuditCheck.objects.create()
        jobs.enqueue(KIND, run.pk, queue=QUEUE, priority=Job.Priority.WEB if by else Job.Priority.BACKFILL)


def request_due_check() -> None:
    """Once a day, where there is a chain; asked every round."""
    lately = AuditCheck.objects.filter(began_at__gt=timezone.now() - EVERY)
    if not lately.exists() and AuditHead.objects.exists():
        request_check()


def check_chain(batch: Batch) -> None:
    """Look through the chain and keep what was found. Safe to run twice."""
    run = AuditCheck.objects.filter(pk=batch.object_ids[0]).first()
    found = verify() if run else None
    with transaction.atomic():
        if run and found:
            run.sequence, run.findings, run.finished_at = found.sequence, found.findings[:50], timezone.now()
            run.save()
            AuditCheck.objects.filter(pk__lte=run.pk - KEPT).delete()
        batch.finish()


def audit_state() -> AuditState:
    """What is known without looking: four small queries."""
    last = AuditCheck.objects.exclude(finished_at=None).first()
    head = AuditHead.objects.first()
    trouble = [*(last.findings if last else []), *_of_now(head)]
    return AuditState(head, last, _at_work(), trouble)


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


def _at_work() -> bool:
    return Job.objects.open().filter(kind=KIND).exists()
