"""How many jobs make a batch of about five seconds, learnt from the batches before."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

AIM_SECONDS = 5.0  # the longest that a new report waits for the batch before it
FIRST_BATCH = 8  # while nothing has been measured
WEIGHT = 0.5  # of the newest batch in the running mean


class Pace:
    """Seconds per job of each kind, a running mean."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def batch(self, kind: str, limit: int) -> int:
        """Jobs of a kind that take about five seconds, from 1 to `limit`."""
        seconds = self._seconds.get(kind)
        size = FIRST_BATCH if seconds is None else int(AIM_SECONDS / max(seconds, 1e-6))
        return max(1, min(size, limit))

    def learn(self, kind: str, jobs: int, seconds: float) -> None:
        each = seconds / jobs
        before = self._seconds.get(kind, each)
        self._seconds[kind] = before + WEIGHT * (each - before)

    @contextmanager
    def measured(self, kind: str, jobs: int) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.learn(kind, jobs, time.monotonic() - started)
