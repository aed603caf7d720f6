"""Asking for classifications: the one place that knows the kind and the queue of that work."""

from collections.abc import Iterable

from workers import jobs
from workers.models import Job

KIND, QUEUE = "classify", "inference"


def request_classification(incident_id: int, *, priority: int) -> Job:
    """Queue one report, in the caller's transaction."""
    return jobs.enqueue(KIND, incident_id, queue=QUEUE, priority=priority)


def request_classifications(incident_ids: Iterable[int], *, priority: int) -> None:
    """Queue many reports, in the caller's transaction."""
    jobs.enqueue_many(KIND, incident_ids, queue=QUEUE, priority=priority)
