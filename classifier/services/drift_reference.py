"""What reports are compared with: those that the version learned from, and its answers on those that it did not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db import transaction

from classifier import registry
from classifier.ml.report_drift import LEAST_REFERENCE, MOST_REFERENCE, Answers
from classifier.ml.taxonomy import category_text
from classifier.models import DatasetSnapshot, DriftReference, ModelVersion
from classifier.services.asking import QUEUE
from classifier.services.slices import Progress, work_off
from classifier.services.snapshot import label_paths
from incidents.models import Incident, Path, TextRevision
from incidents.texts import training_text
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND = "read_drift_reference"
CHUNK = 16  # texts between two signs of life
Paths = Sequence[Sequence[int]]  # numbers of the decided paths of each report


@dataclass
class _Progress(Progress):
    path_ids: list[list[int]] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)


def request_reference(version: ModelVersion) -> None:
    """Have a new champion read the test reports of its dataset. A failed job is a person's to queue again."""
    if not Job.objects.filter(kind=KIND, object_id=version.pk).exclude(status=Job.Status.DONE).exists():
        jobs.enqueue(KIND, version.pk, queue=QUEUE, priority=Job.Priority.BACKFILL)


def read_reference(batch: Batch) -> None:
    """Classify a version's test reports, a slice at a time. Safe to run twice: what was read stays."""
    version = ModelVersion.objects.select_related("snapshot").get(pk=batch.object_ids[0])
    progress = _Progress(**(batch.jobs[0].progress or {"left": _test_texts(version.snapshot)}))
    if progress.left and not _read_slice(version, progress, batch):
        return batch.release()
    with transaction.atomic():
        found = {"path_ids": progress.path_ids, "confidences": progress.confidences}
        DriftReference.objects.get_or_create(version=version, defaults=found)
        batch.finish()


def known_texts(snapshot: DatasetSnapshot) -> list[str]:
    """Training reports; of many some, which are as good as drawn by chance: rows stand in the order of a hash."""
    rows = snapshot.rows.filter(split=Incident.Split.TRAIN).order_by("pk")
    texts = rows.values_list("text_revision__title", "text_revision__text")[:MOST_REFERENCE]
    return [training_text(title, text) for title, text in texts]


def usual_answers(reference: DriftReference, threshold: float) -> Answers | None:
    """The version's answers on reports that it did not learn from; None of too few."""
    if len(reference.confidences) < LEAST_REFERENCE:
        return None
    return answers(reference.path_ids, reference.confidences, threshold)


def answers(path_ids: Paths, confidences: Sequence[float], threshold: float) -> Answers:
    """In the taxonomy of today, unsure below the threshold of today: so both sides mean the same."""
    reading = Path.objects.reading()
    today = [reading.ids(decided) for decided in path_ids]
    wanted = sorted({path for decided in today for path in decided})
    names = dict(zip(wanted, label_paths(wanted), strict=True))
    categories = [category_text([names[path] for path in decided]) for decided in today]
    return Answers(categories, np.array(confidences) < threshold)


def _test_texts(snapshot: DatasetSnapshot) -> list[int]:
    """Not validation reports, which choose the blend and end up in the linear expert."""
    tests = snapshot.rows.filter(split=Incident.Split.TEST).order_by("pk")
    return list(tests.values_list("text_revision_id", flat=True)[:MOST_REFERENCE])


def _read_slice(version: ModelVersion, progress: _Progress, batch: Batch) -> bool:
    """Read for some seconds; True when nothing is left to read."""
    present = registry.present(version)

    def read(numbers: Sequence[int]) -> None:
        texts = TextRevision.objects.filter(pk__in=numbers).order_by("pk").values_list("title", "text")
        for result in present.model.classify_batch([training_text(title, text) for title, text in texts]):
            progress.path_ids.append([present.path_ids[path] for path in result.decided])
            progress.confidences.append(float(result.confidence))

    return work_off(progress, batch, CHUNK, read)
