"""Figures on the frozen test split: the same rows for every model that is compared."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from django.db import transaction

from classifier import registry
from classifier.ml.conformal import coverage_of
from classifier.ml.hybrid import HybridModel
from classifier.ml.metrics import evaluate
from classifier.ml.results import Classification, Example
from classifier.ml.taxonomy import LabelPath
from classifier.models import DatasetSnapshot, Evaluation, ModelVersion
from classifier.services.reliance import reliance_in_force
from classifier.services.snapshot import examples, label_paths
from incidents.models import Incident
from workers.jobs import Batch

Beat = Callable[[], None]
Measured = dict[str, dict[str, Any]]
Measurement = Callable[[HybridModel], Measured]

COMPARED = 5  # latest versions that a new champion is put beside
CHUNK = 256  # reports per call, so that progress and memory stay in hand
PART_OF = {"blend": Evaluation.Part.SERVED, "t5": Evaluation.Part.T5, "linear": Evaluation.Part.LINEAR}


def _silent() -> None:
    """For a measurement that nobody waits for."""


def measure(model: HybridModel, rows: Sequence[Example], paths: Sequence[LabelPath], beat: Beat = _silent) -> Measured:
    """Figures of the served model and of each expert alone, by `Evaluation.Part`.

    The rows' path indices point into `paths`; paths that the model does not know count as wrong. `beat` is called
    between chunks and may raise, which ends the measurement.
    """
    started = time.perf_counter()
    classified: dict[str, list[Any]] = {}
    for start in range(0, len(rows), CHUNK):
        beat()
        parts = model.classify_parts([row.text for row in rows[start : start + CHUNK]])
        for name, results in parts.items():
            classified.setdefault(name, []).extend(results)
    seconds = time.perf_counter() - started
    order, relabelled = _in_order_of(model, rows, paths)
    speed = {"seconds": seconds, "reports_per_second": len(rows) / seconds if seconds else 0.0}
    figures: Measured = {
        PART_OF[name]: evaluate(results, relabelled, order) | speed for name, results in classified.items()
    }
    figures[Evaluation.Part.SERVED] |= _promise(model, classified["blend"], relabelled)
    return figures


def _promise(model: HybridModel, results: Sequence[Classification], rows: Sequence[Example]) -> dict[str, float]:
    """Whether the possible labels keep what is promised of them, and how many it takes."""
    promised = reliance_in_force().coverage
    sets = model.candidates(results, promised)
    return {
        "coverage_promised": promised,
        "coverage": coverage_of(sets, [row.paths for row in rows]),
        "set_size": float(np.mean([len(found) for found in sets])),
    }


def measure_on_test(model: HybridModel, snapshot: DatasetSnapshot, beat: Beat = _silent) -> Measured:
    """The model's figures on a snapshot's frozen test split."""
    return measure(model, examples(snapshot, Incident.Split.TEST), label_paths(snapshot.path_ids), beat)


def measure_once(version: ModelVersion, snapshot: DatasetSnapshot, measured: Measurement) -> None:
    """Let a version sit the test of a snapshot, if it has not yet. Raises ArtifactError."""
    if not version.evaluations.filter(snapshot=snapshot).exists():
        record(version, snapshot, measured(registry.load(version)))


def compare_challengers(batch: Batch) -> None:
    """Put a new champion beside the challengers that were measured beside its predecessor."""
    champion = ModelVersion.objects.get(pk=batch.object_ids[0])
    others = ModelVersion.objects.filter(line=champion.line).exclude(stage=ModelVersion.Stage.ARCHIVED)
    for version in others.select_related("snapshot").order_by("-pk")[:COMPARED]:
        measure_once(champion, version.snapshot, partial(measure_on_test, snapshot=version.snapshot, beat=batch.beat))
    with transaction.atomic():
        batch.finish()


def record(version: ModelVersion, snapshot: DatasetSnapshot, measured: Measured) -> None:
    Evaluation.objects.bulk_create(
        (
            Evaluation(version=version, snapshot=snapshot, part=part, figures=figures)
            for part, figures in measured.items()
        ),
        ignore_conflicts=True,
    )


def _in_order_of(
    model: HybridModel, rows: Sequence[Example], paths: Sequence[LabelPath]
) -> tuple[list[LabelPath], list[Example]]:
    """The model's paths followed by those it does not know, and the rows renumbered to that order."""
    order = [*model.taxonomy.paths, *(path for path in paths if path not in set(model.taxonomy.paths))]
    position = {path: index for index, path in enumerate(order)}
    moved = [Example(row.text, tuple(position[paths[index]] for index in row.paths)) for row in rows]
    return order, moved
