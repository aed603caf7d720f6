"""Asking the inference workers: the one place that knows the kinds of their work."""

from collections.abc import Iterable

from classifier.models import ModelVersion
from workers import jobs
from workers.models import Job

QUEUE = "inference"
CLASSIFY, EXPLAIN, EMBED, COMPARE = "classify", "explain", "embed", "compare"
MEASURE_INT8 = "measure_int8"


def request_classification(incident_id: int, *, priority: int) -> Job:
    """Queue one report, in the caller's transaction."""
    return jobs.enqueue(CLASSIFY, incident_id, queue=QUEUE, priority=priority)


def request_classifications(incident_ids: Iterable[int], *, priority: int) -> None:
    """Queue many reports, in the caller's transaction."""
    jobs.enqueue_many(CLASSIFY, incident_ids, queue=QUEUE, priority=priority)


def request_explanation(explanation_id: int, *, priority: int) -> Job:
    """Have the words found that carried a label."""
    return jobs.enqueue(EXPLAIN, explanation_id, queue=QUEUE, priority=priority)


def request_vectors(anomaly_set_id: int) -> None:
    """Have a set's vectors and forest made, behind everything more urgent."""
    jobs.enqueue(EMBED, anomaly_set_id, queue=QUEUE, priority=Job.Priority.BACKFILL)


def request_comparison(version_id: int) -> None:
    """Have a new champion measured beside the versions that were measured beside its predecessor."""
    jobs.enqueue(COMPARE, version_id, queue=QUEUE, priority=Job.Priority.BACKFILL)


def request_int8_measurement(version: ModelVersion) -> None:
    """Have the int8 variant measured, unless there is none or enough is known about it."""
    if version.lacks_int8_measure:
        jobs.enqueue(MEASURE_INT8, version.pk, queue=QUEUE, priority=Job.Priority.BACKFILL)
