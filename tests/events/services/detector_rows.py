"""What the tests of detectors share: a source whose events are plain numbers, and its training run to the end."""

from typing import Any

import numpy as np

from classifier.models import ModelVersion, TrainingRun
from classifier.services.training import job_of
from events.models import Event, EventSource
from events.services import detectors
from events.services.detector_training import request_detector
from events.services.training import run_training
from tests.events.builders import make_entity, make_events, make_source
from workers import jobs

NAMES = ["bytes", "bytes:z", "entity:events"]
Decision = Event.Decision


def numbers(count: int, centre: float = 0.0, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(centre, 1.0, (count, len(NAMES)))


def source_with(count: int, **overrides: Any) -> EventSource:
    """A source with so many unscored events of one entity."""
    source = make_source(**overrides)
    make_events(source, numbers(count), NAMES, entity=make_entity(source))
    return source


def run_to_end(run: TrainingRun) -> TrainingRun:
    batch = jobs.claim_job(job_of(run), worker="test")
    assert batch is not None
    run_training(batch)
    run.refresh_from_db()
    assert run.status == TrainingRun.Status.SUCCEEDED, run.error
    return run


def train(source: EventSource, **options: Any) -> ModelVersion:
    """A new version of the source's line; what this process remembers is forgotten."""
    version = run_to_end(request_detector(source, **options)).version
    assert version is not None
    version.refresh_from_db()
    detectors.forget()
    return version


def score_events(source: EventSource, count: int, centre: float = 0.0, **overrides: Any) -> None:
    """So many more events of the source, judged by what serves now."""
    state = detectors.serving(source)
    rows = numbers(count, centre, seed=source.events.count())
    assert state.detector is not None
    scores = state.detector.score(state.detector.align(NAMES)(rows))
    values: dict[str, Any] = {"score": scores, "detector": state.version, "decision": Decision.ORDINARY}
    if state.shadow is not None:
        values["shadow_score"] = state.shadow.score(state.shadow.align(NAMES)(rows))
    make_events(source, rows, NAMES, entity=source.entities.first() or make_entity(source), **values | overrides)
