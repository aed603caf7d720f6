"""Done jobs of what happens all day long are dropped after a while; those of runs that people look back at stay."""

from datetime import timedelta

from django.utils import timezone

from workers.models import Job

KEPT = timedelta(days=90)
AT_ONCE = 1_000  # rows of one round: others wait for a writer of SQLite no longer than that takes
# Nothing asks for a job of these once it is done: what came of it stands in rows of its own.
ROUTINE = (
    "classify", "shadow", "judge_threat", "ingest", "poll", "verdict_effects", "check_drift", "forget_events",
    "retention", "find_observables", "find_observables_in_chunk", "mail_notice", "deliver_webhook", "tell_decided",
    "tell_predicted",
)  # fmt: skip


def forget_done_jobs() -> int:
    """Delete the oldest of them; asked every round."""
    old = Job.objects.filter(kind__in=ROUTINE, status=Job.Status.DONE, finished_at__lt=timezone.now() - KEPT)
    ids = list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return Job.objects.filter(pk__in=ids).delete()[0] if ids else 0
