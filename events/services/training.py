"""What the job of a training run does, by its model line."""

from collections.abc import Callable

from classifier.models import ModelVersion, TrainingRun
from classifier.models.version import CLASSIFY, DETECT
from classifier.services import trainer
from classifier.services.life_cycle import Work, carry_out
from classifier.services.run_log import RunLog
from classifier.services.training import TrainingRefused, request_training
from events.services.threat_training import request_threat_training, train_detection
from incidents.models import User
from workers.jobs import Batch

# By the line's name up to its colon.
WORKS: dict[str, Work] = {CLASSIFY: trainer.train, DETECT: train_detection}
REQUESTS: dict[str, Callable[..., TrainingRun]] = {CLASSIFY: request_training, DETECT: request_threat_training}


class UnknownLine(Exception):
    """Nobody trains such a model line."""


def run_training(batch: Batch) -> None:
    """Train a version of the run's line. See `carry_out`."""
    carry_out(batch, _train)


def train_again(run: TrainingRun, *, by: User | None) -> TrainingRun:
    """Ask for the same training on what there is to learn from now. Raises TrainingRefused."""
    request = REQUESTS.get(_kind(run))
    if request is None:
        raise TrainingRefused("A detector is fitted again by itself, or from the page of its source.")
    return request(
        base_model=run.base_model, options=run.options, promote_if_better=run.promote_if_better, requested_by=by
    )


def _train(run: TrainingRun, batch: Batch, log: RunLog) -> ModelVersion:
    work = WORKS.get(_kind(run))
    if work is None:
        raise UnknownLine(f"no training is known for the model line {run.line!r}")
    return work(run, batch, log)


def _kind(run: TrainingRun) -> str:
    return run.line.partition(":")[0]
