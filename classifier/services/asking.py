"""Asking the inference workers: the one place that knows the kinds of their work."""

from collections.abc import Iterable, Sequence

from classifier.ml.variant import ENOUGH
from classifier.models import ModelVersion
from classifier.models.version import CLASSIFY as REPORTS
from classifier.services.unseen import unseen_texts
from incidents import policy
from incidents.models import Webhook
from workers import jobs
from workers.models import Job

QUEUE, DESK_QUEUE = "inference", "desk"
CHALLENGERS = 3  # newest ones whose int8 variant is measured where the gate asks for it
CLASSIFY, EXPLAIN, EMBED, COMPARE = "classify", "explain", "embed", "compare"
MEASURE_INT8, IMPACT, SHADOW, REPLAY = "measure_int8", "impact", "shadow", "replay"


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
    """Have the champion measured: a new one beside the versions that were measured beside its predecessor, and the
    present one anew where labels have moved.
    """
    jobs.enqueue(COMPARE, version_id, queue=QUEUE, priority=Job.Priority.BACKFILL)


def request_shadow_predictions(incident_ids: Iterable[int]) -> None:
    """Have the shadow decide the same reports, where there is one: behind everything more urgent."""
    if ModelVersion.objects.shadow():
        jobs.enqueue_many(SHADOW, incident_ids, queue=QUEUE, priority=Job.Priority.BACKFILL)


def request_impact(preview_id: int) -> Job:
    """Have it found out what a promotion would change."""
    return jobs.enqueue(IMPACT, preview_id, queue=QUEUE, priority=Job.Priority.IMPORT)


def request_replay(replay_id: int) -> Job:
    """Have a prediction made anew."""
    return jobs.enqueue(REPLAY, replay_id, queue=QUEUE, priority=Job.Priority.API)


def request_telling(event: Webhook.Event, ids: Sequence[int]) -> None:
    """Have it told what happened to predictions, trainings or promotions: by webhooks, where there are any.

    The end of a training is told to people as well.
    """
    if event == Webhook.Event.TRAINED or Webhook.objects.filter(active=True).exists():
        jobs.enqueue_many(f"tell_{event}", ids, queue=DESK_QUEUE, priority=Job.Priority.IMPORT)


def request_int8_measurement() -> None:
    """Have int8 variants measured once that is wanted and there are reports enough; asked every round.

    The champion's, and the newest challengers' where the gate asks for it. A job that failed or was cancelled is a
    person's to queue again.
    """
    for version in _measured_in_int8():
        jobs_of_it = Job.objects.filter(kind=MEASURE_INT8, object_id=version.pk)
        open_or_called_off = jobs_of_it.exclude(status=Job.Status.DONE).exists()
        if version.wants_int8_measure and not open_or_called_off and len(unseen_texts(version.snapshot)) >= ENOUGH:
            jobs.enqueue(MEASURE_INT8, version.pk, queue=QUEUE, priority=Job.Priority.BACKFILL)


def _measured_in_int8() -> list[ModelVersion]:
    of_reports = ModelVersion.objects.filter(line=REPORTS).select_related("snapshot").order_by("-pk")
    wanted = list(of_reports.filter(stage=ModelVersion.Stage.CHAMPION))
    if policy.value("gate_int8_agreement"):
        wanted += of_reports.filter(stage=ModelVersion.Stage.CHALLENGER)[:CHALLENGERS]
    return wanted
