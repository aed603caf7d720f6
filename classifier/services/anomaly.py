"""How unusual a report is: vectors, forest and percentiles, one set per encoder.

A promotion starts a job that builds the new champion's set; until it is complete the old set serves, with its own
encoder, so that a percentile always compares like with like.
"""

import uuid
from collections.abc import Sequence

import numpy as np
import structlog
from django.db import transaction
from numpy.typing import NDArray

from classifier import registry, store
from classifier.ml.anomaly import AnomalyModel
from classifier.ml.artifact import ArtifactError
from classifier.ml.results import Classification
from classifier.models import AnomalySet, Embedding, ModelVersion
from classifier.services.code import code_version
from classifier.services.priority import Priorities
from classifier.services.slices import slice_of
from incidents.models import Incident, TextRevision
from incidents.texts import training_text
from workers.jobs import Batch

REFERENCE = 20_000  # latest reports that a forest is fitted on and percentiles refer to
CHUNK = 64  # reports embedded between two signs of life
RANKED_AT_ONCE = 500  # rows per write, so that others get their turn on a database with one writer
SEED = 13  # of the forest: the same vectors give the same percentiles
MINIMUM = 50  # reports; a percentile of fewer says nothing

Status = AnomalySet.Status
logger = structlog.get_logger(__name__)


def serving_set() -> AnomalySet | None:
    return AnomalySet.objects.select_related("version").filter(status=Status.SERVING).first()


def percentiles(
    serving: AnomalySet | None,
    texts: Sequence[str],
    champion: ModelVersion,
    results: Sequence[Classification],
) -> list[float | None]:
    """Each text's percentile among earlier reports, 0 (ordinary) to 100; None while no set serves."""
    if serving is None:
        return [None] * len(texts)
    vectors = [result.vector for result in results]
    try:
        forest = _forest(serving.folder)
        if serving.encoder_hash == champion.encoder_hash and all(vector is not None for vector in vectors):
            space = np.stack([vector for vector in vectors if vector is not None])
        else:
            space = registry.load(serving.version).embed(texts)
    except ArtifactError as error:
        # A report is classified all the same: how unusual it is comes second.
        logger.warning("anomaly_set_unreadable", anomaly_set=serving.pk, error=str(error))
        return [None] * len(texts)
    return [float(score) for score in forest.percentiles(space, texts)]


def store_vectors(
    encoder_hash: str, revisions: Sequence[TextRevision], vectors: Sequence[NDArray[np.float32] | None]
) -> dict[int, Embedding | None]:
    """Keep vectors (float16) once per text and encoder; the rows by text revision."""
    Embedding.objects.bulk_create(
        (
            Embedding(
                incident_id=revision.incident_id,
                text_revision=revision,
                encoder_hash=encoder_hash,
                vector=vector.astype(np.float16).tobytes(),
            )
            for revision, vector in zip(revisions, vectors, strict=True)
            if vector is not None
        ),
        ignore_conflicts=True,
    )
    stored = Embedding.objects.filter(encoder_hash=encoder_hash, text_revision__in=revisions)
    by_text = {embedding.text_revision_id: embedding for embedding in stored}
    return {revision.pk: by_text.get(revision.pk) for revision in revisions}


def build_anomaly_set(batch: Batch) -> None:
    """Embed the earlier reports for a set, a slice at a time, then fit its forest and let it serve.

    After a slice the job goes back to its queue, so that reports that wait are classified first.
    """
    building = AnomalySet.objects.select_related("version__snapshot").get(pk=batch.object_ids[0])
    if building.status != Status.BUILDING:
        with transaction.atomic():
            return batch.finish()
    if not _embed_slice(building, batch):
        return batch.release()
    folder = _fit_forest(building)
    ranked = _rank_waiting_again(building, folder) if folder else []
    with transaction.atomic():
        serves = _switch(building, folder)
        batch.finish()
    if not serves:
        return
    for start in range(0, len(ranked), RANKED_AT_ONCE):
        Incident.objects.bulk_update(ranked[start : start + RANKED_AT_ONCE], ["current_anomaly", "review_priority"])


def _switch(building: AnomalySet, folder: str) -> bool:
    """Let a complete set serve; False when it has too few reports or another promotion has called it off meanwhile."""
    still_wanted = AnomalySet.objects.filter(pk=building.pk, status=Status.BUILDING)
    if not folder:
        still_wanted.update(status=Status.RETIRED)
        return False
    if not still_wanted.exists():
        return False
    AnomalySet.objects.filter(status=Status.SERVING).update(status=Status.RETIRED)
    return still_wanted.update(status=Status.SERVING, folder=folder) == 1


def _embed_slice(building: AnomalySet, batch: Batch) -> bool:
    """Embed for some seconds; True when nothing is left to embed."""
    model = registry.load(building.version)
    is_over = slice_of(batch)
    while revisions := _not_embedded(building):
        vectors = model.embed([training_text(one.title, one.text) for one in revisions])
        store_vectors(building.encoder_hash, revisions, list(vectors))
        building.embedded += len(revisions)
        building.save(update_fields=["embedded"])
        batch.beat({"embedded": building.embedded})
        if is_over():
            return False
    return True


def _not_embedded(building: AnomalySet) -> list[TextRevision]:
    current = TextRevision.objects.filter(current_of__isnull=False)
    missing = current.exclude(embeddings__encoder_hash=building.encoder_hash).order_by("-pk")
    room = REFERENCE - building.embedded
    return list(missing[: max(0, min(CHUNK, room))])


def _fit_forest(building: AnomalySet) -> str:
    """Fit on the stored vectors; the artefact's folder, or "" while there are too few reports to compare with."""
    rows = list(
        Embedding.objects.filter(encoder_hash=building.encoder_hash)
        .order_by("-pk")
        .values_list("vector", "text_revision__title", "text_revision__text")[:REFERENCE]
    )
    if len(rows) < MINIMUM:
        return ""
    vectors = np.stack([np.frombuffer(vector, dtype=np.float16) for vector, _, _ in rows]).astype(np.float32)
    texts = [training_text(title, text) for _, title, text in rows]
    model = AnomalyModel.fit(vectors, texts, building.encoder_hash, SEED)
    folder = f"anomaly-{building.pk}-{uuid.uuid4().hex[:8]}"
    model.save(store.here(folder), dataset_hash=building.version.snapshot.content_hash, code_version=code_version())
    store.publish(folder)
    return folder


def _rank_waiting_again(complete: AnomalySet, folder: str) -> list[Incident]:
    """The reports that wait for review, each with its percentile in the new set and the place in the queue after it."""
    waiting = list(
        Embedding.objects.filter(
            encoder_hash=complete.encoder_hash,
            incident__status=Incident.Status.CLASSIFIED,
            text_revision__current_of__isnull=False,
        ).select_related("incident", "text_revision")
    )
    if not waiting:
        return []
    vectors = np.stack([np.frombuffer(row.vector, dtype=np.float16) for row in waiting]).astype(np.float32)
    texts = [training_text(row.text_revision.title, row.text_revision.text) for row in waiting]
    priorities = Priorities.in_force()
    for row, percentile in zip(waiting, _forest(folder).percentiles(vectors, texts), strict=True):
        incident = row.incident
        incident.current_anomaly = float(percentile)
        incident.review_priority = priorities.of(
            incident.pk, incident.current_confidence or 0.0, float(percentile), blind=incident.blind
        )
    return [row.incident for row in waiting]


_forests: dict[str, AnomalyModel] = {}


def _forest(folder: str) -> AnomalyModel:
    """The forest of an artefact folder, read once per process; the serving one is kept."""
    if folder not in _forests:
        _forests.clear()
        _forests[folder] = AnomalyModel.load(store.fetched(folder))
    return _forests[folder]
