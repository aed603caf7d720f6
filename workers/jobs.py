"""Ask for work, take it, call it off. The rows are the truth; the broker only wakes somebody up."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from workers import doorbell
from workers.batch import Batch, CancelRequested, LeaseLost, StopRequested
from workers.models import Job, JobQuerySet

__all__ = [
    "Batch",
    "CancelRequested",
    "LeaseLost",
    "Limit",
    "StopRequested",
    "cancel",
    "claim",
    "claim_job",
    "do_again",
    "enqueue",
    "enqueue_many",
    "retry",
]

MAX_ATTEMPTS = 3
ROWS_PER_INSERT = 1000


@dataclass(frozen=True)
class Limit:
    """How much of a kind one claim takes, and how long it is believed without a heartbeat (every 5 s)."""

    batch: int = 1
    lease: timedelta = timedelta(seconds=30)


def enqueue(
    kind: str,
    object_id: int,
    *,
    queue: str,
    priority: int,
    idempotency_key: str | None = None,
    max_attempts: int = MAX_ATTEMPTS,
    run_after: datetime | None = None,
) -> Job:
    """Write a job in the caller's transaction and ring its queue once that has committed.

    Nobody takes it before `run_after`.

    With a key that was used before, the job of that time is returned and nothing is written. Never waits for
    the broker and never fails because of it.
    """
    fields = {
        "kind": kind,
        "object_id": object_id,
        "queue": queue,
        "priority": priority,
        "max_attempts": max_attempts,
        "run_after": run_after,
    }
    if idempotency_key is None:
        job = Job.objects.create(**fields)
    else:
        job, _ = Job.objects.get_or_create(idempotency_key=idempotency_key, defaults=fields)
    _ring_on_commit(queue)
    return job


def enqueue_daily(kind: str, object_id: int = 0, *, queue: str) -> Job | None:
    """Ask for today's round of what is done once a day; None where it was asked for before. The day is the key."""
    key = f"{kind}:{object_id}:{timezone.now().date().isoformat()}"
    if Job.objects.filter(idempotency_key=key).exists():
        return None
    return enqueue(kind, object_id, queue=queue, priority=Job.Priority.BACKFILL, idempotency_key=key)


def enqueue_many(
    kind: str,
    object_ids: Iterable[int],
    *,
    queue: str,
    priority: int,
    key: str | None = None,
    max_attempts: int = MAX_ATTEMPTS,
) -> None:
    """Write one job per object and ring once. With `key`, a job's idempotency key is "key:object id"."""
    ids = iter(object_ids)
    while part := list(islice(ids, ROWS_PER_INSERT)):
        jobs = [
            Job(
                kind=kind,
                object_id=object_id,
                queue=queue,
                priority=priority,
                max_attempts=max_attempts,
                idempotency_key=None if key is None else f"{key}:{object_id}",
            )
            for object_id in part
        ]
        Job.objects.bulk_create(jobs, ignore_conflicts=key is not None)
    _ring_on_commit(queue)


def claim(queue: str, *, worker: str, limits: Mapping[str, Limit]) -> Batch | None:
    """Take the next jobs of a queue: those of the first one's kind and priority, in order, up to its limit.

    A web report so never waits inside a batch of an import. A job that has lost a lease before is taken
    alone: it may be what killed the worker. Two workers that reach for the same rows get different ones (the
    UPDATE repeats the condition, its token tells whose they are). Kinds without a limit stay where they are.
    """
    while head := _in_order(queue, limits).first():
        limit = limits[head.kind]
        ids = [head.pk]
        if not head.lost_leases:
            alike = _in_order(queue, limits).filter(kind=head.kind, priority=head.priority, lost_leases=0)
            ids = list(alike.values_list("pk", flat=True)[: limit.batch])
        if batch := _take(Job.objects.filter(pk__in=ids), worker, limit.lease):
            return batch
    return None


def claim_job(job: Job, *, worker: str, lease: timedelta = Limit.lease) -> Batch | None:
    """Take one given job; None when it is not (or no longer) to be had."""
    return _take(Job.objects.filter(pk=job.pk), worker, lease)


def cancel(job: Job) -> bool:
    """Cancel a job: at once while it waits, at its next beat while it runs. False when it is over already."""
    waiting = Job.objects.filter(pk=job.pk, status=Job.Status.QUEUED)
    if waiting.update(status=Job.Status.CANCELLED, finished_at=Now()):
        return True
    return Job.objects.filter(pk=job.pk, status=Job.Status.RUNNING).update(cancel_requested=True) == 1


def retry(job: Job) -> bool:
    """Queue a failed or cancelled job again, with all its attempts. False when it is neither."""
    return _queued_anew(job, Job.Status.FAILED, Job.Status.CANCELLED)


def do_again(job: Job) -> bool:
    """As `retry`, also of a job that is done: what it made told that something had failed. False while it is open."""
    return _queued_anew(job, Job.Status.FAILED, Job.Status.CANCELLED, Job.Status.DONE)


def _queued_anew(job: Job, *after: Job.Status) -> bool:
    over = Job.objects.filter(pk=job.pk, status__in=after)
    fresh = {"attempts": 0, "lost_leases": 0, "error": "", "cancel_requested": False, "run_after": None}
    queued = over.update(status=Job.Status.QUEUED, finished_at=None, worker="", progress={}, **fresh) == 1
    if queued:
        _ring_on_commit(job.queue)
    return queued


def _in_order(queue: str, limits: Mapping[str, Limit]) -> JobQuerySet:
    return Job.objects.claimable(queue).filter(kind__in=list(limits)).order_by("priority", "pk")


def _take(wanted: JobQuerySet, worker: str, lease: timedelta) -> Batch | None:
    token = uuid.uuid4().hex
    taken = wanted.claimable().update(
        status=Job.Status.RUNNING,
        token=token,
        worker=worker,
        attempts=F("attempts") + 1,
        lease_until=Now() + lease,
        heartbeat_at=Now(),
        started_at=Coalesce("started_at", Now()),
    )
    if not taken:
        return None
    jobs = wanted.filter(token=token).order_by("priority", "pk")
    return Batch(list(jobs), lease=lease)


def _ring_on_commit(queue: str) -> None:
    transaction.on_commit(lambda: doorbell.ring(queue))
