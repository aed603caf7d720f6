"""Training the detector of a source: rows drawn from its recent events, a forest, its figures, a version."""

import hashlib
import time
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from classifier.ml.config import Progress
from classifier.models import DatasetSnapshot, Evaluation, ModelVersion, TrainingRun
from classifier.models.version import DETECTOR_PREFIX
from classifier.services.code import code_version
from classifier.services.evaluation import Measured
from classifier.services.life_cycle import Made, keep, new_folder
from classifier.services.promotion import PromotionRefused, promote
from classifier.services.run_log import RunLog
from classifier.services.shadow import set_shadow
from classifier.services.training import TrainingRefused, queue_run, refuse_unchanged
from classifier.services.versions import free_name
from events.models import EventSource
from events.services.feature_rows import FeatureRows, rows_to_learn_from
from events.services.shadows import archive_shadow
from events.stream import drift
from events.stream.detector import Detector
from incidents.models import User
from incidents.services.taxonomy import current_version
from workers.jobs import Batch

BASE_MODEL = "isolation-forest"
MINIMUM = 500  # usable events: about as many as one tree of the forest is grown on
SEED = 13  # the same rows give the same detector
UNCHANGED = "no usable event came since. Wait for some, or force it."


def request_detector(
    source: EventSource, *, requested_by: User | None = None, reason: str = "", force: bool = False
) -> TrainingRun:
    """Freeze which rows are learned from and queue a run of the source's line with its job. Raises TrainingRefused.

    Reads up to 50,000 events, which takes some tenths of a second. `reason` is the first line of the run's log.
    """
    rows = rows_to_learn_from(source)
    if len(rows) < MINIMUM:
        raise TrainingRefused(
            f"{source.name} has {len(rows)} events that a detector can learn from; at least {MINIMUM} are needed. "
            "Wait for more, or look whether filters drop too many."
        )
    options = {"until": rows.until}
    with transaction.atomic():
        snapshot = _frozen(rows)
        if not force:
            refuse_unchanged(snapshot, BASE_MODEL, options, UNCHANGED)
        run = TrainingRun(
            line=source.line, snapshot=snapshot, base_model=BASE_MODEL, options=options, requested_by=requested_by
        )
        run.log_tail = f"{timezone.now():%H:%M:%S} {reason}\n" if reason else ""
        return queue_run(run)


def fit_detector(run: TrainingRun, batch: Batch, log: RunLog) -> ModelVersion:
    """Fit, measure, save, and keep the version: the first one of a source takes charge, later ones score silently."""
    source = EventSource.objects.get(name=run.line.removeprefix(DETECTOR_PREFIX))
    rows = rows_to_learn_from(source, run.options["until"])
    if rows.digest != run.snapshot.content_hash:
        run.snapshot = _frozen(rows)
        run.save(update_fields=["snapshot"])
        log.add("some of the events were removed or judged meanwhile: the rest is learned from")
    log.progress(Progress("fitting", f"{len(rows)} events, {len(rows.names)} features"))
    started = time.perf_counter()
    detector = Detector.fit(rows.values, rows.names, SEED)
    figures = _measured(detector, rows, source.alert_budget, time.perf_counter() - started)
    log.add(f"alert rate {figures['alert_rate']:.2%} above the threshold {figures['threshold']:.4f}")
    name = free_name(BASE_MODEL, run.line)
    folder, place = new_folder(name)
    log.progress(Progress("saving", "writing the artefact"))
    detector.save(place, dataset_hash=run.snapshot.content_hash, code_version=code_version(), metrics=figures)
    space = hashlib.sha256("\0".join(rows.names).encode()).hexdigest()
    made = Made(name, folder, space, 0.0, Measured({Evaluation.Part.SERVED: figures}))
    version = keep(run, batch, log, made, _take_place)
    return version


def _frozen(rows: FeatureRows) -> DatasetSnapshot:
    """The snapshot of these rows; the same ones give the one that is there already."""
    snapshot, _ = DatasetSnapshot.objects.get_or_create(
        content_hash=rows.digest,
        defaults={"taxonomy_version": current_version(), "path_ids": [], "counts": {"train": len(rows)}},
    )
    return snapshot


def _measured(detector: Detector, rows: FeatureRows, budget: float, seconds: float) -> dict[str, Any]:
    """`ks` compares the scores of the newest rows with those of all: how much the source was changing by itself."""
    scores = detector.score(detector.align(rows.names)(rows.values))
    threshold = detector.threshold(budget)
    return {
        "events": len(rows),
        "features": len(detector.names),
        "budget": budget,
        "threshold": threshold,
        "alert_rate": float(np.mean(scores > threshold)),
        "ks": drift.ks_distance(scores[rows.newest[: drift.COMPARED]], scores),
        "seconds": seconds,
    }


def _take_place(version: ModelVersion, run: TrainingRun) -> str:
    """Put the first detector of a source, or one whose champion cannot be read, in charge; others in the shadow."""
    champion = ModelVersion.objects.champion(version.line)
    try:
        if champion is None or champion.artefact_is_lost:
            reason = f"{champion.name} cannot be read any more" if champion else "the first detector of its source"
            promote(version, by=run.requested_by, reason=reason)
            return f"in charge: {reason}"
        archive_shadow(version.line, f"{version.name} was trained on newer events")
        set_shadow(version, by=run.requested_by)
    except PromotionRefused as error:
        return f"not in use: {error}"
    return f"scores silently beside {champion.name} until enough events are compared"
