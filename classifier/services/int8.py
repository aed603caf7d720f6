"""Measuring the int8 variant of a version: what the job that a promotion asks for does."""

import time
from collections.abc import Callable, Hashable, Sequence
from statistics import median

from django.db import transaction

from classifier.ml.hybrid import HybridModel
from classifier.ml.results import Classification
from classifier.ml.variant import VariantMeasure, decided_labels
from classifier.models import ModelVersion
from classifier.services.reliance import reliance_in_force
from classifier.services.snapshot import label_paths
from classifier.services.unseen import unseen_texts
from incidents.models import TextRevision
from incidents.texts import training_text
from workers.jobs import Batch

CHUNK = 25  # texts between two signs of life; also the batches whose times are compared


def measure_int8(batch: Batch) -> None:
    """Compare a version's int8 variant with its float32 model on unseen reports, one after the other in memory.

    Safe to run twice: what was measured last stands. Without a T5 or without reports there is nothing to measure.
    """
    version = ModelVersion.objects.select_related("snapshot").get(pk=batch.object_ids[0])
    texts = [] if version.is_linear_alone else _texts(unseen_texts(version.snapshot))
    measured = _measured(version, texts, batch.beat) if texts else None
    with transaction.atomic():
        if measured:
            ModelVersion.objects.filter(pk=version.pk).update(int8=measured.to_json())
        batch.finish()


def _texts(revision_ids: Sequence[int]) -> list[str]:
    found = TextRevision.objects.in_bulk(revision_ids)
    return [training_text(found[pk].title, found[pk].text) for pk in revision_ids if pk in found]


def _measured(version: ModelVersion, texts: Sequence[str], beat: Callable[[], None]) -> VariantMeasure:
    floats, float_seconds = _answers(version, texts, beat, int8=False)
    variants, int8_seconds = _answers(version, texts, beat, int8=True)
    ratios = [slow / fast for slow, fast in zip(float_seconds, int8_seconds, strict=True)]
    return VariantMeasure.of(floats, variants, median(ratios), decision(version))


def decision(version: ModelVersion) -> Callable[[Classification], Hashable]:
    """What people are shown: the labels, and how far they are relied on at the threshold in force."""
    paths, reliance = label_paths(version.snapshot.path_ids), reliance_in_force()

    def of(result: Classification) -> Hashable:
        return decided_labels(result), reliance.decision(result, [paths[index] for index in result.decided])

    return of


def _answers(
    version: ModelVersion, texts: Sequence[str], beat: Callable[[], None], *, int8: bool
) -> tuple[list[Classification], list[float]]:
    """What one variant says, and the seconds that each chunk took."""
    model = HybridModel.load(version.artefact, "cpu", int8)
    model.classify_batch(texts[:CHUNK])  # warm
    results, seconds = [], []
    for start in range(0, len(texts), CHUNK):
        beat()
        started = time.perf_counter()
        results += model.classify_batch(texts[start : start + CHUNK])
        seconds.append(time.perf_counter() - started)
    return results, seconds
