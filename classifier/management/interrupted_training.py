"""What became of the training before: one whose process was killed is gone on with, not waited for for ever."""

import math
from datetime import timedelta

from django.utils import timezone

from classifier.models import TrainingRun
from classifier.services.training import job_of, settle_runs
from config.commands import Exit, stop
from workers import jobs
from workers.models import Job


def settle_the_past() -> None:
    """Queue again, or end, what lost processes held: there may be no sweeper that does it."""
    Job.objects.give_up_expired()
    Job.objects.requeue_expired()
    settle_runs()


def take_up_interrupted(line: str, *, worker: str, lease: timedelta) -> tuple[TrainingRun, jobs.Batch] | None:
    """The open run of a line that has lost its process, and its job taken by this one; None where none is to be had.

    Ends the command as refused while a process holds the run, or may hold it still. A run that waits for a training
    worker is left to that.
    """
    run = TrainingRun.objects.select_related("snapshot").open().filter(line=line).first()
    if run is None:
        return None
    job = job_of(run)
    if job.status == Job.Status.RUNNING and job.lease_until:
        seconds = max(1, math.ceil((job.lease_until - timezone.now()).total_seconds()))
        raise stop(
            f"training {run.pk} ({run.base_model}) is running already, by {job.worker}. Should that process be gone, "
            f"it counts as lost in {seconds} s; the same command then goes on with it.",
            Exit.REFUSED,
        )
    if not job.lost_leases:
        return None
    batch = jobs.claim_job(job, worker=worker, lease=lease)
    return (run, batch) if batch else None
