"""What a worker holds while it works: some jobs of one kind, under one lease."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from workers.errors import sentence
from workers.models import Job, JobQuerySet, WorkerHeartbeat

BEAT_SECONDS = 1.0  # beat() may be called each training step; it writes no more often than this
LATER = timedelta(seconds=30)  # until something outside that did not answer is asked again
BACKOFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))


class LeaseLost(Exception):
    """The jobs belong to somebody else by now: throw the results away."""


class StopRequested(Exception):
    """The worker is shutting down: save a checkpoint and leave; the attempt is given back."""


class CancelRequested(Exception):
    """A person has cancelled what this batch does."""


class Batch:
    """Jobs of one kind, claimed together. The methods move only rows that still carry the claim's token."""

    def __init__(self, jobs: Sequence[Job], *, lease: timedelta) -> None:
        self.jobs = list(jobs)
        self.lease = lease
        self.kind, self.token, self.worker = jobs[0].kind, jobs[0].token, jobs[0].worker
        self._progress: dict[str, Any] | None = None
        self._next_beat = 0.0

    @property
    def object_ids(self) -> list[int]:
        return [job.object_id for job in self.jobs]

    @property
    def job_ids(self) -> list[int]:
        return [job.pk for job in self.jobs]

    def held(self) -> JobQuerySet:
        """The rows that are still ours."""
        return Job.objects.filter(pk__in=self.job_ids, token=self.token, status=Job.Status.RUNNING)

    def beat(self, progress: dict[str, Any] | None = None) -> None:
        """Say "still at it": renews the lease and stores the progress, at most once a second.

        Raises LeaseLost, StopRequested or CancelRequested (the last when each job of the batch is cancelled).
        """
        self._progress = progress if progress is not None else self._progress
        if time.monotonic() < self._next_beat:
            return
        self._next_beat = time.monotonic() + BEAT_SECONDS
        if self.renew() != len(self.jobs):
            raise LeaseLost
        if WorkerHeartbeat.objects.filter(name=self.worker, state=WorkerHeartbeat.State.STOPPING).exists():
            raise StopRequested
        if not self.held().filter(cancel_requested=False).exists():
            raise CancelRequested

    def renew(self) -> int:
        """Renew the lease of what is still held. Returns how many jobs that is."""
        return self.held().update(lease_until=Now() + self.lease, heartbeat_at=Now(), **self._last_progress())

    def more_urgent_waits(self) -> bool:
        """Whether work that may take long should go back to its queue for a while."""
        job = self.jobs[0]
        return Job.objects.claimable(job.queue).filter(priority__lt=job.priority).exists()

    def finish(self) -> None:
        """Mark the jobs done. Call it inside the transaction that saves the results.

        Raises LeaseLost when any of them is no longer ours, so that this transaction rolls back.
        """
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError("call finish() inside the transaction that saves the results")
        done = self.held().update(**self._closed(Job.Status.DONE), error="", **self._last_progress())
        if done != len(self.jobs):
            raise LeaseLost

    def fail(self, error: BaseException) -> None:
        """Count the attempt: queue each job again after a pause, or fail it when it was the last one.

        Stores `sentence(error)`, which is free of what the error was about.
        """
        self._cancel_requested()
        text = sentence(error)
        for job in self.jobs:
            row = self.held().filter(pk=job.pk)
            if job.attempts >= job.max_attempts:
                row.update(**self._closed(Job.Status.FAILED), error=text)
            else:
                pause = BACKOFF[min(job.attempts, len(BACKOFF)) - 1]
                row.update(**self._requeued(), run_after=Now() + pause, error=text)

    def postpone(self, error: BaseException) -> None:
        """Queue the jobs again after a pause: what they need is away, so the attempt does not count."""
        self._cancel_requested()
        self.held().update(
            **self._requeued(), attempts=F("attempts") - 1, run_after=Now() + LATER, error=sentence(error)
        )

    def release(self) -> None:
        """Put the jobs back as if they had not been claimed, with their progress: the attempt does not count."""
        self._cancel_requested()
        self.held().update(**self._requeued(), **self._last_progress(), attempts=F("attempts") - 1)

    def cancel(self) -> None:
        """End the jobs as cancelled."""
        self.held().update(**self._closed(Job.Status.CANCELLED))

    def halves(self) -> tuple[Batch, Batch]:
        """Two batches under the same lease, to find out which half holds the job that fails.

        Raises ValueError for a batch of one.
        """
        if len(self.jobs) < 2:
            raise ValueError("a batch of one job has no halves")
        middle = len(self.jobs) // 2
        return Batch(self.jobs[:middle], lease=self.lease), Batch(self.jobs[middle:], lease=self.lease)

    def _cancel_requested(self) -> None:
        self.held().filter(cancel_requested=True).update(**self._closed(Job.Status.CANCELLED))

    def _last_progress(self) -> dict[str, Any]:
        return {} if self._progress is None else {"progress": self._progress}

    def _closed(self, status: Job.Status) -> dict[str, Any]:
        return {"status": status, "token": "", "lease_until": None, "finished_at": Now()}

    def _requeued(self) -> dict[str, Any]:
        return {"status": Job.Status.QUEUED, "token": "", "worker": "", "lease_until": None}
