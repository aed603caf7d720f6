"""Figures on the frozen test split: the same rows for every model that is compared."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from django.db import transaction

from classifier import registry
from classifier.ml.artifact import ArtifactUnusable
from classifier.ml.conformal import coverage_of
from classifier.ml.hybrid import HybridModel
from classifier.ml.metrics import evaluate
from classifier.ml.outcomes import Outcomes
from classifier.ml.results import Classification, Example
from classifier.ml.taxonomy import LabelPath
from classifier.models import DatasetSnapshot, Evaluation, ModelVersion
from classifier.services.reliance import reliance_in_force
from classifier.services.snapshot import examples_today
from classifier.services.taxonomy_since import newest_version, since
from incidents.models import Incident
from workers.jobs import Batch

Beat = Callable[[], None]


@dataclass(frozen=True)
class Measured:
    """What was measured of a model, by `Evaluation.Part`: figures, and what was decided of each report.

    `taxonomy`: the taxonomy version in whose words labels are told; None where they are not those of reports.
    """

    figures: dict[str, dict[str, Any]]
    outcomes: dict[str, Outcomes] = field(default_factory=dict)  # empty where nothing has a number, or a label
    taxonomy: int | None = None


Measurement = Callable[[HybridModel], Measured]

COMPARED = 5  # latest versions that a new champion is put beside
CHUNK = 256  # reports per call, so that progress and memory stay in hand
PART_OF = {"blend": Evaluation.Part.SERVED, "t5": Evaluation.Part.T5, "linear": Evaluation.Part.LINEAR}


def silent() -> None:
    """For a measurement that nobody waits for."""


def measure(
    model: HybridModel,
    rows: Sequence[Example],
    paths: Sequence[LabelPath],
    beat: Beat = silent,
    ids: Sequence[int] = (),
) -> Measured:
    """Figures of the served model and of each expert alone; with the numbers of the rows, each row's outcome too.

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
    figures: dict[str, dict[str, Any]] = {
        PART_OF[name]: evaluate(results, relabelled, order) | speed for name, results in classified.items()
    }
    figures[Evaluation.Part.SERVED] |= _promise(model, classified["blend"], relabelled)
    truths = [row.paths for row in relabelled]
    outcomes: dict[str, Outcomes] = {
        PART_OF[name]: Outcomes.of(ids, results, truths, order) for name, results in classified.items() if ids
    }
    return Measured(figures, outcomes)


def _promise(model: HybridModel, results: Sequence[Classification], rows: Sequence[Example]) -> dict[str, float]:
    """Whether the possible labels keep what is promised of them, and how many it takes."""
    promised = reliance_in_force().coverage
    sets = model.candidates(results, promised)
    return {
        "coverage_promised": promised,
        "coverage": coverage_of(sets, [row.paths for row in rows]),
        "set_size": float(np.mean([len(found) for found in sets])),
    }


def measure_on_test(model: HybridModel, snapshot: DatasetSnapshot, beat: Beat = silent) -> Measured:
    """The model's figures on a snapshot's frozen test split, and what it decides of each report in it; reports and
    model are both read in the taxonomy of today.
    """
    taxonomy = newest_version()
    numbered, paths = examples_today(snapshot, Incident.Split.TEST)
    rows, ids = [row for _, row in numbered], [number for number, _ in numbered]
    return replace(measure(model, rows, paths, beat, ids), taxonomy=taxonomy)


def measure_once(
    version: ModelVersion, snapshot: DatasetSnapshot, measured: Measurement, *, traced: bool = False
) -> None:
    """Let a version sit the test of a snapshot, if it has not yet, or labels have moved since. Raises ArtifactError.

    `traced`: once more, too, where an earlier release kept figures without the outcomes that they come from.
    """
    rows = version.evaluations.filter(snapshot=snapshot)
    there = rows.filter(outcomes__isnull=False) if traced else rows
    if not there.exists() or any(_is_outdated(row, version) for row in rows):
        record(version, snapshot, measured(registry.load(version)))


def compare_challengers(batch: Batch) -> None:
    """Put the champion beside the challengers that were measured beside its predecessor, or before labels moved; where
    they have, champion and challengers sit the tests of their own datasets once more as well.
    """
    champion = ModelVersion.objects.select_related("snapshot").get(pk=batch.object_ids[0])
    others = ModelVersion.objects.filter(line=champion.line).exclude(stage=ModelVersion.Stage.ARCHIVED)
    for version in others.select_related("snapshot").order_by("-pk")[:COMPARED]:
        measure_once(champion, version.snapshot, partial(measure_on_test, snapshot=version.snapshot, beat=batch.beat))
        _measure_anew(version, batch.beat)
    _measure_anew(champion, batch.beat)
    with transaction.atomic():
        batch.finish()


def _measure_anew(version: ModelVersion, beat: Beat) -> None:
    """On the version's own dataset, if it was measured before labels moved; one that cannot be read stays as it is."""
    rows = list(version.evaluations.filter(snapshot=version.snapshot))
    if any(_is_outdated(row, version) for row in rows):
        with suppress(ArtifactUnusable):
            measure_once(version, version.snapshot, partial(measure_on_test, snapshot=version.snapshot, beat=beat))


def _is_outdated(row: Evaluation, version: ModelVersion) -> bool:
    """Whether the version would be asked otherwise today, or decide otherwise: labels were merged, split or retired."""
    return bool(since(row.taxonomy_version_id).moved_of([*version.snapshot.path_ids, *row.snapshot.path_ids]))


def record(version: ModelVersion, snapshot: DatasetSnapshot, measured: Measured) -> None:
    """Keep what was measured. Rows that are there stay, unless labels have moved since; where an earlier release kept
    no outcomes, they are added.
    """
    made = [
        Evaluation(
            version=version,
            snapshot=snapshot,
            part=part,
            figures=figures,
            outcomes=measured.outcomes[part].to_json() if part in measured.outcomes else None,
            taxonomy_version_id=measured.taxonomy,
        )
        for part, figures in measured.figures.items()
    ]
    there = {row.part: row for row in Evaluation.objects.filter(version=version, snapshot=snapshot)}
    Evaluation.objects.bulk_create(made, ignore_conflicts=True)
    for one in made:
        if row := there.get(one.part):
            _renew(row, one, version)


def _renew(row: Evaluation, one: Evaluation, version: ModelVersion) -> None:
    lacks = one.outcomes is not None and row.outcomes is None
    if _is_outdated(row, version) or (lacks and since(row.taxonomy_version_id).paths):
        one.pk = row.pk
        one.save(force_update=True)  # all of it, so that figures and outcomes are in the same words
    elif lacks:
        Evaluation.objects.filter(pk=row.pk).update(outcomes=one.outcomes)


def _in_order_of(
    model: HybridModel, rows: Sequence[Example], paths: Sequence[LabelPath]
) -> tuple[list[LabelPath], list[Example]]:
    """The model's paths followed by those it does not know, and the rows renumbered to that order."""
    order = [*model.taxonomy.paths, *(path for path in paths if path not in set(model.taxonomy.paths))]
    position = {path: index for index, path in enumerate(order)}
    moved = [Example(row.text, tuple(position[paths[index]] for index in row.paths)) for row in rows]
    return order, moved
