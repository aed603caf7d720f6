"""Work that takes long, a few seconds at a time, so that more urgent work of its queue comes in between."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from workers.jobs import Batch

SLICE_SECONDS = 4.0  # then more urgent work may come first


@dataclass
class Progress:
    """How far a job is: kept with it, so that a slice goes on where the one before it stopped."""

    left: list[int]  # numbers of rows


def work_off(progress: Progress, batch: Batch, chunk: int, work: Callable[[Sequence[int]], None]) -> bool:
    """Hand what is left to `work`, a chunk between signs of life; False where it stops for something more urgent."""
    is_over = slice_of(batch)
    while progress.left:
        work(progress.left[:chunk])
        progress.left = progress.left[chunk:]
        batch.beat(asdict(progress))
        if progress.left and is_over():
            return False
    return True


def slice_of(batch: Batch) -> Callable[[], bool]:
    """A slice that begins now; what comes back tells whether it is over."""
    until = time.monotonic() + SLICE_SECONDS
    return lambda: time.monotonic() >= until and batch.more_urgent_waits()
