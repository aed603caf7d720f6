"""Watching detectors: whether scores still look as they did at the training, and what follows from it.

Between two versions the threshold stays where it is: a wave of attacks that lifts the scores lifts no threshold.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from classifier.models import ModelVersion, Promotion
from classifier.services.training import TrainingRefused
from events.models import EventSource
from events.services.detector_training import request_detector
from events.services.detectors import Serving, serving
from events.services.feature_rows import newest, usable_events
from events.services.shadows import in_shadow_since, settle_shadow
from events.stream import drift
from events.stream.detector import Detector
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND, QUEUE = "check_drift", "events"
EVERY = dt.timedelta(minutes=1)
KEPT = 60  # comparisons that a source remembers
Status = Job.Status


@dataclass(frozen=True)
class Check:
    """One comparison. `d` is None where there were too few scores; `decision` is a sentence."""

    at: str
    version: str
    d: float | None
    decision: str


def watch_detectors() -> None:
    """Have sources looked at that brought enough new events; asked every round of the sweeper."""
    listed = list(EventSource.objects.filter(enabled=True))
    lately = Q(status__in=[Status.QUEUED, Status.RUNNING]) | Q(created_at__gt=timezone.now() - EVERY)
    asked = set(Job.objects.filter(lately, kind=KIND).values_list("object_id", flat=True))
    for source in listed:
        if source.pk not in asked and (_compares(source) or _trial_ends(source)):
            # Rare and short: behind a backlog of events it might never have its turn.
            jobs.enqueue(KIND, source.pk, queue=QUEUE, priority=Job.Priority.API)


def check_drift(batch: Batch) -> None:
    """The job: compare scores, end a trial, ask for a training. Safe to run again."""
    source = EventSource.objects.filter(pk=batch.object_ids[0], enabled=True).first()
    found = _looked_at(source) if source is not None else {}
    with transaction.atomic():
        if found:
            EventSource.objects.filter(pk=batch.object_ids[0]).update(drift=found)
        batch.finish()


def _looked_at(source: EventSource) -> dict[str, Any]:
    """What `drift` of the source becomes."""
    state = serving(source)
    settled = settle_shadow(source, state)
    if not _compares(source):
        return _noted(source, state, None, settled) if settled else dict(source.drift)
    distance = _distance(source, state)
    distances = [] if distance is None else [*source.drift.get("distances", []), distance][-drift.IN_A_ROW :]
    reason = "" if settled else _why_train(source, state, distances)
    decision = settled or (_ask(source, reason) if reason else _no_training(distances))
    began_anew = bool(settled or reason)
    found = {"distances": [] if began_anew else distances, "checked_at": timezone.now().isoformat()}
    return _noted(source, state, distance, decision) | found


def _compares(source: EventSource) -> bool:
    """Whether enough usable events came since the last comparison."""
    return usable_events(source, checked_at(source)) >= drift.SMALLEST_GAP


def _trial_ends(source: EventSource) -> bool:
    """Whether the shadow has seen enough, or cannot be read."""
    shadow = ModelVersion.objects.filter(line=source.line, stage=ModelVersion.Stage.SHADOW).first()
    return shadow is not None and usable_events(source, in_shadow_since(shadow)) >= drift.COMPARED


def _distance(source: EventSource, state: Serving) -> float | None:
    """How far the newest scores of the champion are from those at its training; None where it gave too few."""
    if state.version is None or not isinstance(state.detector, Detector):
        return None
    rows = newest(source, drift.COMPARED).filter(score__isnull=False).values_list("detector_id", "score")
    scores = [score for detector_id, score in rows[: drift.COMPARED] if detector_id == state.version.pk]
    if len(scores) < drift.COMPARED // 2:
        return None
    return drift.ks_distance(np.array(scores), state.detector.reference)


def _why_train(source: EventSource, state: Serving, distances: Sequence[float]) -> str:
    if state.version is None:
        return "there are events enough for a first detector"
    if state.detector is None:
        return f"{state.version.name} cannot be read"
    if state.shadow_version is not None:
        return ""
    since = in_charge_since(state.version)
    return drift.refit_reason(distances, usable_events(source, since), (timezone.now() - since).total_seconds())


def _ask(source: EventSource, reason: str) -> str:
    try:
        run = request_detector(source, reason=reason, force=True)
    except TrainingRefused as error:
        return f"{reason}, but no training was started: {error}"
    return f"{reason}: {run} was asked for"


def _no_training(distances: Sequence[float]) -> str:
    if not distances:
        return "too few scores of this version to compare"
    moved = distances[-1] > drift.DRIFTED
    return "scores have moved: once more, and a new detector is trained" if moved else "scores are as they were"


def _noted(source: EventSource, state: Serving, distance: float | None, decision: str) -> dict[str, Any]:
    name = state.version.name if state.version else ""
    check = Check(timezone.now().isoformat(), name, distance, decision)
    return dict(source.drift) | {"checks": [*source.drift.get("checks", []), asdict(check)][-KEPT:]}


def checks_of(source: EventSource) -> list[Check]:
    """What was found, the oldest first."""
    return [Check(**one) for one in source.drift.get("checks", [])]


def checked_at(source: EventSource) -> dt.datetime | None:
    return parse_datetime(source.drift.get("checked_at", ""))


def in_charge_since(version: ModelVersion) -> dt.datetime:
    promotion = Promotion.objects.filter(version=version).first()
    return promotion.created_at if promotion else version.created_at
