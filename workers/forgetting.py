"""What nobody looks at again: done jobs of what happens all day long, after a while, and sessions that are over.

Jobs of runs that people look back at stay.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from config.store import delete_in_steps
from incidents.services.sessions import forget_ended_sessions
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND, QUEUE = "forget_leftovers", "desk"
KEPT = timedelta(days=90)
# Nothing asks for a job of these once it is done: what came of it stands in rows of its own.
ROUTINE = (
    "classify", "shadow", "judge_threat", "ingest", "poll", "verdict_effects", "check_drift", "forget_events",
    "retention", "find_observables", "find_observables_in_chunk", "mail_notice", "deliver_webhook", "tell_decided",
    "tell_predicted", "forget_leftovers",
)  # fmt: skip


def request_forgetting_leftovers() -> None:
    """Ask for the day's round; the sweeper calls it."""
    jobs.enqueue_daily(KIND, queue=QUEUE)


def forget_leftovers(batch: Batch) -> None:
    """The job: delete them, some at a time. Safe to stop at any point and to run again."""
    old = Job.objects.filter(kind__in=ROUTINE, status=Job.Status.DONE, finished_at__lt=timezone.now() - KEPT)
    delete_in_steps(old.order_by("pk"), before_each=batch.beat)
    forget_ended_sessions()
    with transaction.atomic():
        batch.finish()
