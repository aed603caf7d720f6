"""Jobs for tests."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from workers import jobs
from workers.jobs import Batch, Limit
from workers.models import Job

LIMITS = {"probe": Limit(batch=3), "other": Limit()}


def make_job(object_id: int = 1, **overrides: Any) -> Job:
    """A queued job, written without ringing anybody."""
    fields = {"kind": "probe", "queue": "inference", "priority": Job.Priority.WEB, "max_attempts": 3} | overrides
    return Job.objects.create(object_id=object_id, **fields)


def claim(worker: str = "one@test", queue: str = "inference") -> Batch | None:
    return jobs.claim(queue, worker=worker, limits=LIMITS)


def claimed(*object_ids: int, **overrides: Any) -> Batch:
    """A batch of new jobs, claimed."""
    for object_id in object_ids:
        make_job(object_id, **overrides)
    batch = claim()
    assert batch is not None
    assert batch.object_ids == list(object_ids)
    return batch


def expire(**conditions: Any) -> None:
    """Make running jobs look as if their worker had gone a minute ago."""
    past = timezone.now() - timedelta(minutes=1)
    Job.objects.filter(status=Job.Status.RUNNING, **conditions).update(lease_until=past)
