"""The rows of the work: what is to be done, who does it, until when that is believed."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import CheckConstraint, Count, F, Min, Q, UniqueConstraint
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LOST_TOO_OFTEN = "The worker disappeared each time while it ran this job, so it is not tried again by itself."

BEYOND_ANY_LEASE = timedelta(minutes=10)


class JobQuerySet(models.QuerySet["Job"]):
    def claimable(self, queue: str | None = None) -> JobQuerySet:
        """Jobs that a worker may take now, by the database's clock."""
        due = Q(run_after=None) | Q(run_after__lte=Now())
        waiting = self.filter(due, status=Job.Status.QUEUED, attempts__lt=F("max_attempts"))
        return waiting if queue is None else waiting.filter(queue=queue)

    def open(self) -> JobQuerySet:
        """Those that wait or are being done."""
        return self.filter(status__in=Job.OPEN)

    def expired(self) -> JobQuerySet:
        """Running jobs whose worker has not been heard of for a whole lease.

        Also those with a lease longer than any that is given: the clock was set back since, and a worker that lives
        has renewed it by the new time.
        """
        over = Q(lease_until__lt=Now()) | Q(lease_until__gt=Now() + BEYOND_ANY_LEASE)
        return self.filter(over, status=Job.Status.RUNNING)

    def give_up_expired(self) -> int:
        """End the expired jobs that were to be cancelled or have no attempt left. Returns how many."""
        closed = {"token": "", "lease_until": None, "finished_at": Now()}
        cancelled = self.expired().filter(cancel_requested=True).update(status=Job.Status.CANCELLED, **closed)
        return cancelled + self.expired().filter(attempts__gte=F("max_attempts")).update(
            status=Job.Status.FAILED, lost_leases=F("lost_leases") + 1, error=LOST_TOO_OFTEN, **closed
        )

    def requeue_expired(self) -> int:
        """Put the other expired jobs back into their queue. Returns how many."""
        lost = self.expired().filter(cancel_requested=False, attempts__lt=F("max_attempts"))
        free = {"status": Job.Status.QUEUED, "token": "", "worker": "", "lease_until": None}
        return lost.update(lost_leases=F("lost_leases") + 1, **free)

    def return_unfinished(self, worker: str) -> int:
        """Give back what a worker that has stopped cleanly still held, with its attempt. Returns how many."""
        return self.filter(status=Job.Status.RUNNING, worker=worker).update(
            status=Job.Status.QUEUED, attempts=F("attempts") - 1, token="", worker="", lease_until=None
        )

    def counts(self) -> dict[tuple[str, Job.Status], int]:
        """How many jobs there are of each (kind, status)."""
        rows = self.order_by().values_list("kind", "status").annotate(n=Count("pk"))
        return {(kind, Job.Status(status)): n for kind, status, n in rows}

    def queue_counts(self) -> dict[tuple[str, Job.Status], int]:
        """How many jobs each queue holds that are queued, running or failed, by (queue, status)."""
        shown = [Job.Status.QUEUED, Job.Status.RUNNING, Job.Status.FAILED]
        rows = self.filter(status__in=shown).order_by().values_list("queue", "status").annotate(n=Count("pk"))
        return {(queue, Job.Status(status)): n for queue, status, n in rows}

    def queue_ages(self) -> dict[str, float]:
        """Seconds that the oldest queued job of each queue has waited; queues without one are left out."""
        queued = self.filter(status=Job.Status.QUEUED).order_by()
        rows = queued.values_list("queue").annotate(oldest=Min("created_at"))
        now = timezone.now()
        return {queue: max(0.0, (now - oldest).total_seconds()) for queue, oldest in rows}


class Job(models.Model):
    """One piece of work about one object, written in the same transaction as that object.

    queued -> running -> done
    running -> queued (error with attempts left, lost lease, graceful stop)
    running -> failed (no attempt left), queued | running -> cancelled
    failed | cancelled -> queued (retry by a person)

    Only the holder of `token` may move a running job, and only until `lease_until` by the database's clock.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Priority(models.IntegerChoices):
        WEB = 0, _("Web")
        API = 1, _("API")
        IMPORT = 2, _("Import")
        BACKFILL = 3, _("Backfill")

    OPEN = (Status.QUEUED, Status.RUNNING)

    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    queue = models.CharField(max_length=40)
    priority = models.PositiveSmallIntegerField(choices=Priority)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001 - NULL is "no key", not a key
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField()
    lost_leases = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    token = models.CharField(max_length=32, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    progress = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            UniqueConstraint(fields=["idempotency_key"], name="one_job_per_idempotency_key"),
            CheckConstraint(
                name="a_running_job_has_a_token_and_a_lease",
                condition=~Q(status="running") | (~Q(token="") & Q(lease_until__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "status", "priority", "id"], name="job_claim_order"),
            models.Index(fields=["status", "lease_until"], name="job_leases"),
            models.Index(fields=["kind", "object_id"], name="job_object"),
            models.Index(fields=["kind", "status"], name="job_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} job {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class WorkerHeartbeat(models.Model):
    """A worker process as it was last heard of.

    starting -> warming (its child loads the champion) -> ready <-> busy; any -> stopping -> stopped
    """

    class State(models.TextChoices):
        STARTING = "starting", _("Starting")
        WARMING = "warming", _("Warming")
        READY = "ready", _("Ready")
        BUSY = "busy", _("Busy")
        STOPPING = "stopping", _("Stopping")
        STOPPED = "stopped", _("Stopped")

    name = models.CharField(max_length=200, unique=True)
    queue = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State, default=State.STARTING)
    device = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=200, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["queue", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def age(self) -> timedelta:
        return max(timezone.now() - self.seen_at, timedelta())
