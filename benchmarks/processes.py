"""Work in processes of its own, so that memory is this work's alone."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import torch
from threadpoolctl import threadpool_limits

from benchmarks.needs import NotRun

Result = TypeVar("Result")


def in_own_process(function: Callable[..., Result], *arguments: object, threads: int = 1) -> Result:
    """Runs a module's function in a fresh interpreter with so many threads; what it raises is raised here."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _set_threads, (threads,)) as pool:
        return pool.submit(function, *arguments).result()


def peak_mb() -> float:
    """The most memory that this process has held, in MiB.

    Of this program alone: getrusage would also count what the starting process held when it forked.
    """
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 2**10
    raise NotRun("the peak of a process's memory is read from Linux's /proc")


def _set_threads(count: int) -> None:
    torch.set_num_threads(count)
    threadpool_limits(count)
