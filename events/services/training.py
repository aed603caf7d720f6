"""Trainings of every model line: what the job of a run does, and asking for the same one again."""

from typing import Any

from classifier.models import ModelVersion, TrainingRun
from classifier.models.version import CLASSIFY, DETECT, DETECTOR_PREFIX
from classifier.services import trainer
from classifier.services.life_cycle import Work, carry_out
from classifier.services.run_log import RunLog
from classifier.services.selection import Selection
from classifier.services.training import TrainingRefused, request_training
from events.models import EventSource
from events.services.detector_training import fit_detector, request_detector
from events.services.threat_training import request_threat_training, train_detection
from incidents.models import User
from workers.jobs import Batch

REQUESTS = {CLASSIFY: request_training, DETECT: request_threat_training}  # lines whose base model a person chooses


class UnknownLine(Exception):
    """Nobody trains such a model line."""


def run_training(batch: Batch) -> None:
    """Train a version of the run's line. See `carry_out`."""
    carry_out(batch, _train)


def train_again(run: TrainingRun, *, by: User | None) -> TrainingRun:
    """Ask for the same training on what there is to learn from now. Raises TrainingRefused."""
    if run.line in REQUESTS:
        chosen: dict[str, Any] = {"selection": Selection.from_json(run.selection)} if run.line == CLASSIFY else {}
        return REQUESTS[run.line](
            base_model=run.base_model,
            options=run.options,
            promote_if_better=run.promote_if_better,
            requested_by=by,
            **chosen,
        )
    source = EventSource.objects.filter(name=run.line.removeprefix(DETECTOR_PREFIX)).first()
    if source is None:
        raise TrainingRefused(f"There is no source any more whose detector {run} could fit.")
    return request_detector(source, requested_by=by)


def _train(run: TrainingRun, batch: Batch, log: RunLog) -> ModelVersion:
    return _work(run.line)(run, batch, log)


def _work(line: str) -> Work:
    works: dict[str, Work] = {CLASSIFY: trainer.train, DETECT: train_detection}
    if line.startswith(DETECTOR_PREFIX):
        return fit_detector
    if line not in works:
        raise UnknownLine(f"no training is known for the model line {line!r}")
    return works[line]
