"""Asking the inference workers: the one place that knows the kinds of their work."""

from collections.abc import Iterable, Sequence

from classifier.ml.variant import ENOUGH
from classifier.models import ModelVersion
from classifier.services.unseen import unseen_texts
from incidents.models import Webhook
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


def request_telling(event: Webhook.Event, ids: Sequence[int]) -> None:
    """Have it told what happened to predictions, trainings or promotions: by webhooks, where there are any.

    The end of a training is told to people as well.
    """
    if event == Webhook.Event.TRAINED or Webhook.objects.filter(active=True).exists():
        jobs.enqueue_many(f"tell_{event}", ids, queue="desk", priority=Job.Priority.IMPORT)


def request_int8_measurement() -> None:
    """Have the champion's int8 variant measured once that is wanted and there are reports enough; asked every round.

    A job that failed or was cancelled is a person's to queue again.
    """
    champion = ModelVersion.objects.select_related("snapshot").champion()
    if champion is None or not champion.wants_int8_measure:
        return
    open_or_called_off = Job.objects.filter(kind=MEASURE_INT8, object_id=champion.pk).exclude(status=Job.Status.DONE)
    if open_or_called_off.exists() or len(unseen_texts(champion.snapshot)) < ENOUGH:
        return
    jobs.enqueue(MEASURE_INT8, champion.pk, queue=QUEUE, priority=Job.Priority.BACKFILL)
