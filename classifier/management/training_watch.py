"""Watching and calling off a training that runs in this process."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from classifier.models import TrainingRun
from classifier.services.training import cancel_training
from workers.heartbeat import Repeat

EVERY_SECONDS = 1.0


@contextmanager
def watched(run: TrainingRun, say: Callable[[str], object]) -> Iterator[None]:
    """Tell the run's progress while the block runs; the first Ctrl-C (or SIGTERM) cancels the run at its next step.

    The second one interrupts at once. The rows are read and written by a thread of its own, since a signal may
    come in the middle of a query.
    """
    asked = threading.Event()
    told = _Told(run, say)

    def look() -> None:
        told.news()
        if asked.is_set():
            cancel_training(run)

    def on_signal(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        say("cancelling at the next step; once more stops at once")

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with Repeat(look, EVERY_SECONDS):
            yield
        told.news()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Told:
    """Says what is new in a run's row: lines of its log, and how far it is."""

    def __init__(self, run: TrainingRun, say: Callable[[str], object]) -> None:
        self._pk, self._say = run.pk, say
        self._line = (run.log_tail.splitlines(keepends=True) or [""])[-1]  # what came before is known
        self._progress = ""

    def news(self) -> None:
        run = TrainingRun.objects.filter(pk=self._pk).first()
        if run is None:
            return  # its transaction is not over
        fresh = run.log_tail.rpartition(self._line)[2] if self._line else run.log_tail
        for line in fresh.splitlines():
            self._say(line)
            self._line = line + "\n"
        if (progress := _progress(run)) not in {"", self._progress}:
            self._say(progress)
        self._progress = progress


def _progress(run: TrainingRun) -> str:
    if not run.total_steps:
        return ""
    parts = [f"{run.stage}: step {run.step}/{run.total_steps}"]
    if run.epochs:
        parts.append(f"epoch {run.epoch}/{run.epochs}")
    if run.loss is not None:
        parts.append(f"loss {run.loss:.4f}")
    if run.validation_score is not None:
        parts.append(f"validation {run.validation_score:.4f}")
    if run.eta_seconds is not None:
        parts.append(f"about {run.eta_seconds:.0f} s left")
    return ", ".join(parts)
