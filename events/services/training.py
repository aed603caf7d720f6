"""What the job of a training run does, by its model line."""

from classifier.models import ModelVersion, TrainingRun
from classifier.models.version import CLASSIFY, DETECT
from classifier.services import trainer
from classifier.services.life_cycle import Work, carry_out
from classifier.services.run_log import RunLog
from events.services.threat_training import train_detection
from workers.jobs import Batch

WORKS: dict[str, Work] = {CLASSIFY: trainer.train, DETECT: train_detection}  # by the line's name up to its colon


class UnknownLine(Exception):
    """Nobody trains such a model line."""


def run_training(batch: Batch) -> None:
    """Train a version of the run's line. See `carry_out`."""
    carry_out(batch, _train)


def _train(run: TrainingRun, batch: Batch, log: RunLog) -> ModelVersion:
    work = WORKS.get(run.line.partition(":")[0])
    if work is None:
        raise UnknownLine(f"no training is known for the model line {run.line!r}")
    return work(run, batch, log)
