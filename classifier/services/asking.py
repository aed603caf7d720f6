"""Asking the inference workers: the one place that knows the kinds of their work."""

from collections.abc import Iterable

from workers import jobs
from workers.models import Job

QUEUE = "inference"
CLASSIFY, EMBED, COMPARE = "classify", "embed", "compare"


def request_classification(incident_id: int, *, priority: int) -> Job:
    """Queue one report, in the caller's transaction."""
    return jobs.enqueue(CLASSIFY, incident_id, queue=QUEUE, priority=priority)


def request_classifications(incident_ids: Iterable[int], *, priority: int) -> None:
    """Queue many reports, in the caller's transaction."""
    jobs.enqueue_many(CLASSIFY, incident_ids, queue=QUEUE, priority=priority)


def request_vectors(anomaly_set_id: int) -> None:
    """Have a set's vectors and forest made, behind everything more urgent."""
    jobs.enqueue(EMBED, anomaly_set_id, queue=QUEUE, priority=Job.Priority.BACKFILL)


def request_comparison(version_id: int) -> None:
    """Have a new champion measured beside the versions that were measured beside its predecessor."""
    jobs.enqueue(COMPARE, version_id, queue=QUEUE, priority=Job.Priority.BACKFILL)
