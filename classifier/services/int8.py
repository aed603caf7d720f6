"""Measuring the int8 variant of a version: what the job that the sweeper asks for does."""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction

from classifier.ml.hybrid import HybridModel
from classifier.ml.results import Classification
from classifier.ml.variant import VariantMeasure, decided_labels
from classifier.models import ModelVersion
from classifier.services.reliance import reliance_in_force
from classifier.services.slices import Progress, work_off
from classifier.services.snapshot import label_paths
from classifier.services.unseen import unseen_texts
from incidents.models import TextRevision
from incidents.texts import training_text
from workers.jobs import Batch

CHUNK = 10  # texts between two signs of life; also the batches whose times are compared


@dataclass
class _Progress(Progress):
    parts: list[dict[str, Any]] = field(default_factory=list)  # a VariantMeasure of each chunk


def measure_int8(batch: Batch) -> None:
    """Compare a version's int8 variant with its float32 model on unseen reports, a slice at a time.

    After a slice the job goes back to its queue, so that reports that wait are classified first. Safe to run twice:
    what is measured already, or wanted no longer, is left as it is.
    """
    version = ModelVersion.objects.select_related("snapshot").get(pk=batch.object_ids[0])
    if not version.wants_int8_measure:
        with transaction.atomic():
            return batch.finish()
    progress = _Progress(**(batch.jobs[0].progress or {"left": unseen_texts(version.snapshot)}))
    if progress.left and not _measure_slice(version, progress, batch):
        return batch.release()
    with transaction.atomic():
        if progress.parts:
            measured = VariantMeasure.merged([VariantMeasure(**part) for part in progress.parts])
            ModelVersion.objects.filter(pk=version.pk).update(int8=measured.to_json())
        batch.finish()


def _measure_slice(version: ModelVersion, progress: _Progress, batch: Batch) -> bool:
    """Measure for some seconds; True when nothing is left to measure."""
    variant = HybridModel.load(version.artefact, "cpu", int8=True)  # first, for it passes through float32
    model = HybridModel.load(version.artefact, "cpu")
    same = decision(version)
    for one in (model, variant):
        one.classify_batch(["warm-up"])

    def measure(numbers: Sequence[int]) -> None:
        if texts := _texts(numbers):
            answers, seconds = _timed(model, texts)
            others, fewer_seconds = _timed(variant, texts)
            progress.parts.append(asdict(VariantMeasure.of(answers, others, seconds / fewer_seconds, same)))

    return work_off(progress, batch, CHUNK, measure)


def _texts(revision_ids: Sequence[int]) -> list[str]:
    revisions = TextRevision.objects.filter(pk__in=revision_ids).order_by("pk")
    return [training_text(revision.title, revision.text) for revision in revisions]


def _timed(model: HybridModel, texts: Sequence[str]) -> tuple[list[Classification], float]:
    started = time.perf_counter()
    return model.classify_batch(texts), time.perf_counter() - started


def decision(version: ModelVersion) -> Callable[[Classification], Hashable]:
    """What people are shown: the labels, and how far they are relied on at the threshold in force."""
    paths, reliance = label_paths(version.snapshot.path_ids), reliance_in_force()

    def of(result: Classification) -> Hashable:
        return decided_labels(result), reliance.decision(result, [paths[index] for index in result.decided])

    return of
