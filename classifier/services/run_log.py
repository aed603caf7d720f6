"""What a training run tells while it runs: progress in its row, the tail of its log, a sign of life for its job."""

import time

import structlog
from django.utils import timezone

from classifier.ml.config import Progress
from classifier.models import TrainingRun
from workers.errors import sentence
from workers.jobs import Batch

TAIL = 4000  # characters kept in the row
WRITE_SECONDS = 1.0  # pages poll every two

logger = structlog.get_logger(__name__)


class RunLog:
    """Receives the trainer's progress. Raises what the job's heartbeat raises: cancel, stop, lost lease."""

    def __init__(self, run: TrainingRun, batch: Batch) -> None:
        self.run, self.batch = run, batch
        self._stage = ""
        self._next_write = 0.0
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since this worker took the run up."""
        return time.monotonic() - self._started

    def progress(self, news: Progress) -> None:
        self.batch.beat({"stage": news.stage, "step": news.step, "total_steps": news.total_steps})
        if news.stage != self._stage:
            self.add(news.message)
        if news.validation_score is not None:
            loss = f"loss {news.loss:.4f}, " if news.loss is not None else ""
            self.add(f"epoch {news.epoch}/{news.epochs}: {loss}validation score {news.validation_score:.4f}")
        self._stage = news.stage
        if news.validation_score is not None or time.monotonic() >= self._next_write:
            self._write(news)

    def add(self, line: str) -> None:
        """Append a line to the log's tail; the row keeps the last few thousand characters."""
        self.run.log_tail = (self.run.log_tail + f"{timezone.now():%H:%M:%S} {line}\n")[-TAIL:]
        self.run.save(update_fields=["log_tail"])
        logger.info("training", run=self.run.pk, message=line)

    def failed(self, error: Exception) -> None:
        """Say why the run ends, in the row for people and in the log stream for the operator."""
        self.add(f"failed: {sentence(error)}")
        logger.exception("training failed", run=self.run.pk)

    def _write(self, news: Progress) -> None:
        self._next_write = time.monotonic() + WRITE_SECONDS
        run, fields = self.run, ["stage"]
        run.stage = news.stage
        if news.epochs:  # stages without epochs leave the last ones told
            run.step, run.total_steps, run.epoch, run.epochs = news.step, news.total_steps, news.epoch, news.epochs
            run.loss, run.eta_seconds = news.loss, news.eta_seconds
            fields += ["step", "total_steps", "epoch", "epochs", "loss", "eta_seconds"]
        if news.validation_score is not None:
            run.validation_score = news.validation_score
            fields.append("validation_score")
        run.save(update_fields=fields)
