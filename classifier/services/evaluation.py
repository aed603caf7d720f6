"""Figures on the frozen test split: the same rows for every model that is compared."""

import time
from collections.abc import Sequence
from typing import Any

from classifier import registry
from classifier.ml.hybrid import HybridModel
from classifier.ml.metrics import evaluate
from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath
from classifier.models import DatasetSnapshot, Evaluation, ModelVersion
from classifier.services.snapshot import examples, label_paths
from incidents.models import Incident

CHUNK = 256  # reports per call, so that progress and memory stay in hand
PART_OF = {"blend": Evaluation.Part.SERVED, "t5": Evaluation.Part.T5, "linear": Evaluation.Part.LINEAR}


def measure(model: HybridModel, rows: Sequence[Example], paths: Sequence[LabelPath]) -> dict[str, dict[str, Any]]:
    """Figures of the served model and of each expert alone, by `Evaluation.Part`.

    The rows' path indices point into `paths`; paths that the model does not know count as wrong.
    """
    started = time.perf_counter()
    classified: dict[str, list[Any]] = {}
    for start in range(0, len(rows), CHUNK):
        parts = model.classify_parts([row.text for row in rows[start : start + CHUNK]])
        for name, results in parts.items():
            classified.setdefault(name, []).extend(results)
    seconds = time.perf_counter() - started
    order, relabelled = _in_order_of(model, rows, paths)
    speed = {"seconds": seconds, "reports_per_second": len(rows) / seconds if seconds else 0.0}
    return {PART_OF[name]: evaluate(results, relabelled, order) | speed for name, results in classified.items()}


def measure_on_test(model: HybridModel, snapshot: DatasetSnapshot) -> dict[str, dict[str, Any]]:
    return measure(model, examples(snapshot, Incident.Split.TEST), label_paths(snapshot.path_ids))


def measure_champion(snapshot: DatasetSnapshot) -> None:
    """Let the champion sit the same test, once per snapshot."""
    champion = registry.champion()
    if champion is None or champion.evaluations.filter(snapshot=snapshot).exists():
        return
    record(champion, snapshot, measure_on_test(registry.load(champion), snapshot))


def record(version: ModelVersion, snapshot: DatasetSnapshot, measured: dict[str, dict[str, Any]]) -> None:
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
