"""The daily pass that erases what its category is kept no longer."""

from itertools import islice

from django.db import transaction
from django.utils.translation import gettext

from events.services.erasing import request_erasure
from incidents.models import Erasure, RetentionRule
from incidents.services.retention import due
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND, QUEUE = "retention", "desk"
AT_ONCE = 1_000  # reports of one erasure


def request_retention() -> Job | None:
    """Ask for today's pass, if anything is kept for a time only; the sweeper calls it."""
    kept_for_a_time = any(RetentionRule.objects.in_force().values())
    return jobs.enqueue_daily(KIND, queue=QUEUE) if kept_for_a_time else None


def erase_due(batch: Batch) -> None:
    """The job. What it asked for is a tombstone at once, so that a second run finds the rest only."""
    ids = iter(due(RetentionRule.objects.in_force()))
    reason = gettext("Older than reports of its category are kept")
    while part := list(islice(ids, AT_ONCE)):
        batch.beat()
        request_erasure(part, reason=reason, by=None, cause=Erasure.Cause.RETENTION)
    with transaction.atomic():
        batch.finish()
