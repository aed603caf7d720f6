"""Classifying the reports of a batch of jobs."""

import time
from collections.abc import Mapping, Sequence

import numpy as np
from django.db import transaction

from classifier import registry
from classifier.ml.artifact import ArtifactUnusable
from classifier.ml.hybrid import HybridModel
from classifier.ml.reliance import AUTO, CATEGORY, Reliance
from classifier.ml.results import Classification
from classifier.ml.taxonomy import join_labels
from classifier.models import ModelVersion, Prediction
from classifier.services import accepting, anomaly
from classifier.services.asking import request_shadow_predictions, request_telling
from classifier.services.priority import Priorities
from classifier.services.reading import known_paths
from classifier.services.reliance import reliance_in_force
from classifier.services.unlike_measured import unlike_measured
from incidents.models import Incident, Label, Path, SearchDocument, TextRevision
from incidents.models.notice import Webhook
from incidents.texts import training_text
from workers.jobs import Batch

Status = Incident.Status
LABELLED = {Label.Verdict.CONFIRM, Label.Verdict.CORRECT}  # verdicts that name categories of their own
CURRENT_FIELDS = [
    "current_category",
    "current_sub_category",
    "current_confidence",
    "current_unsure",
    "current_model",
    "current_anomaly",
    "current_margin",
    "current_entropy",
    "standing_category",
    "review_priority",
]


class ChampionUnusable(Exception):
    """The model in charge cannot be read: no report is to blame, so all of them wait until one can."""


def classify_batch(batch: Batch) -> None:
    """Predict the reports of a batch with the champion. Safe to run twice: a text is predicted once per version.

    What the champion said before, as after a rollback, becomes the present word again. With no champion the jobs end
    with nothing said; the first promotion asks for these reports again. Raises ChampionUnusable, and
    ArtifactUnreachable.
    """
    champion = registry.champion()
    revisions = _unpredicted(batch.object_ids, champion) if champion else []
    if champion is None or not revisions:
        with transaction.atomic():
            _say_again(champion, batch.object_ids)
            return batch.finish()
    started = time.perf_counter()
    texts = [training_text(revision.title, revision.text) for revision in revisions]
    present, reliance = _read(champion), reliance_in_force()
    model = present.model
    results = model.classify_batch(texts)
    possible = _possible(model, results, reliance.coverage)
    serving = anomaly.serving_set()
    percentiles = anomaly.percentiles(serving, texts, champion, results)
    seconds = (time.perf_counter() - started) / len(revisions)
    unlike = unlike_measured(champion, revisions)
    with transaction.atomic():
        _say_again(champion, batch.object_ids)
        predictions = _store(champion, present, revisions, results, possible, reliance, percentiles, seconds)
        accepting.accept(champion, predictions, unlike)
        batch.finish()


def _read(champion: ModelVersion) -> registry.Present:
    try:
        return registry.present(champion)
    except ArtifactUnusable as error:
        raise ChampionUnusable(str(error)) from error


def _possible(
    model: HybridModel, results: Sequence[Classification], coverage: float
) -> list[tuple[Sequence[int], Sequence[str]]]:
    """Per result the paths among which the true ones are, and the sets of categories: each with the coverage."""
    names = model.taxonomy.category_set_names
    above = model.candidate_categories(results, coverage)
    return [
        (paths, [names[number] for number in sets])
        for paths, sets in zip(model.candidates(results, coverage), above, strict=True)
    ]


def _unpredicted(incident_ids: Sequence[int], champion: ModelVersion) -> list[TextRevision]:
    revisions = TextRevision.objects.filter(current_of__in=incident_ids).select_related("incident__current_label")
    return list(revisions.exclude(predictions__version=champion).order_by("pk"))


def _say_again(champion: ModelVersion | None, incident_ids: Sequence[int]) -> None:
    """Let earlier predictions of the champion stand on reports on which another version's word stands now."""
    if champion is None:
        return
    spoken = Prediction.objects.filter(version=champion, text_revision__current_of__in=incident_ids)
    again = list(spoken.exclude(incident__current_model=champion.name).select_related("incident__current_label"))
    for prediction in again:
        prediction.version = champion  # with its snapshot, which it is read by
        prediction.anomaly = prediction.incident.current_anomaly  # that of the set that serves now
    _write_current(champion, again)


def _store(
    champion: ModelVersion,
    present: registry.Present,
    revisions: Sequence[TextRevision],
    results: Sequence[Classification],
    possible: Sequence[tuple[Sequence[int], Sequence[str]]],
    reliance: Reliance,
    percentiles: Sequence[float | None],
    seconds: float,
) -> list[Prediction]:
    embeddings = anomaly.store_vectors(champion.encoder_hash, revisions, [result.vector for result in results])
    path_ids, paths = present.path_ids, present.model.taxonomy.paths
    decisions = [reliance.decision(result, [paths[index] for index in result.decided]) for result in results]
    predictions = [
        Prediction(
            incident=revision.incident,
            text_revision=revision,
            version=champion,
            taxonomy_version_id=present.taxonomy or champion.snapshot.taxonomy_version_id,
            embedding=embeddings[revision.pk],
            distribution=(result.probabilities if result.own is None else result.own).astype(np.float16).tobytes(),
            path_ids=[path_ids[index] for index in result.decided],
            candidate_ids=[path_ids[index] for index in candidates],
            candidate_categories=categories,
            coverage=reliance.coverage,
            category_confidence=result.category_confidence,
            confidence=result.confidence,
            only_category=decision == CATEGORY,
            unsure=decision != AUTO,
            threshold=reliance.threshold_of([paths[index] for index in result.decided]),
            anomaly=percentile,
            seconds=seconds,
        )
        for revision, result, (candidates, categories), decision, percentile in zip(
            revisions, results, possible, decisions, percentiles, strict=True
        )
    ]
    Prediction.objects.bulk_create(predictions)
    request_telling(Webhook.Event.PREDICTED, [one.pk for one in predictions])
    request_shadow_predictions(one.incident_id for one in predictions)
    accepting.take_back_reread(predictions)
    _write_current(champion, predictions)
    return predictions


def _spread(prediction: Prediction) -> tuple[float, float]:
    """How far the most probable path is before the second, and the entropy of the distribution in nats."""
    assert prediction.today is not None, "it was read in the taxonomy of today"
    probabilities = np.sort(prediction.today.chances)[::-1]
    margin = float(probabilities[0] - probabilities[1]) if len(probabilities) > 1 else 1.0
    some = probabilities[probabilities > 0]
    return margin, float(-(some * np.log(some)).sum())


def _write_current(champion: ModelVersion, predictions: Sequence[Prediction]) -> None:
    """Write what the queue sorts and shows by beside each report, and move new reports on.

    In the taxonomy of this moment: it may have changed while the model was at work.
    """
    if not predictions:
        return
    paths, priorities = known_paths(predictions), Priorities.in_force()
    for prediction in predictions:
        incident = prediction.incident
        incident.current_model = champion.name
        if prediction.anomaly is not None:
            incident.current_anomaly = prediction.anomaly
        set_current(incident, prediction, paths, priorities)
        if incident.current_label is None or incident.current_label.verdict not in LABELLED:
            incident.standing_category = incident.told_category
    incidents = [prediction.incident for prediction in predictions]
    Incident.objects.bulk_update(incidents, CURRENT_FIELDS)
    Incident.objects.filter(pk__in=[one.pk for one in incidents], status=Status.NEW).update(status=Status.CLASSIFIED)
    SearchDocument.objects.write(one.pk for one in incidents)  # reports are found by their labels as well


def set_current(incident: Incident, prediction: Prediction, paths: Mapping[int, Path], priorities: Priorities) -> None:
    """Set, unsaved, what follows from a prediction on its report. `paths`: `known_paths`."""
    decided = [paths[pk] for pk in prediction.path_ids if pk in paths]
    incident.current_category = join_labels(name for path in decided for name in path.category_names)
    incident.current_sub_category = join_labels(path.sub_category_name for path in decided)
    incident.current_confidence = prediction.confidence
    incident.current_unsure = prediction.unsure
    incident.current_margin, incident.current_entropy = _spread(prediction)
    incident.review_priority = priorities.of(
        incident.pk, prediction.confidence, incident.current_anomaly, blind=incident.blind
    )
