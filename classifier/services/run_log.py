"""What a training run tells while it runs: progress in its row, the tail of its log, a sign of life for its job."""

import socket
import time
from typing import Any

import structlog
from django.utils import timezone

from classifier.ml.config import Progress
from classifier.models import TrainingRun
from classifier.services.curve import with_point
from classifier.services.failures import why
from classifier.services.room import process_memory_mb
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
        self.peak_memory_mb = 0.0

    @property
    def seconds(self) -> float:
        """Since this worker took the run up."""
        return time.monotonic() - self._started

    @property
    def took(self) -> dict[str, Any]:
        """What is kept of a run that was not interrupted, for the next estimate."""
        return {
            "seconds": round(self.seconds, 1),
            "memory_mb": round(max(self.peak_memory_mb, process_memory_mb() or 0.0), 1),
            "device": self.run.device or "CPU",
            "host": socket.gethostname(),
        }

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
        self.add(f"failed: {why(error)}")
        logger.exception("training failed", run=self.run.pk)

    def _write(self, news: Progress) -> None:
        self._next_write = time.monotonic() + WRITE_SECONDS
        run, fields = self.run, ["stage", "memory_mb"]
        run.stage, run.memory_mb = news.stage, process_memory_mb()
        self.peak_memory_mb = max(self.peak_memory_mb, run.memory_mb or 0.0)
        if news.epochs:  # stages without epochs leave the last ones told
            run.step, run.total_steps, run.epoch, run.epochs = news.step, news.total_steps, news.epoch, news.epochs
            run.loss, run.eta_seconds, run.device = news.loss, news.eta_seconds, news.device
            run.history = with_point(run.history, (news.step, news.loss, news.validation_score))
            fields += ["step", "total_steps", "epoch", "epochs", "loss", "eta_seconds", "device", "history"]
        if news.validation_score is not None:
            run.validation_score = news.validation_score
            fields.append("validation_score")
        run.save(update_fields=fields)
