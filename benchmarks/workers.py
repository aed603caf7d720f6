"""How processes and threads should share two cores, and what memory a process more costs."""

import multiprocessing
import os
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.needs import NotRun
from benchmarks.processes import in_own_process
from benchmarks.samples import random_classifier, texts_of
from benchmarks.timing import in_turn, times_faster
from classifier.ml.t5 import T5Classifier

NAME = "workers"
ABOUT = "one process of two threads beside two processes of one: reports a second, and memory when forked or spawned"
SHAPE = "flan-t5-small"
TOKENS = 100
CORES = 2
LAYOUTS = {"1 process x 1 thread": (1, 1), "1 process x 2 threads": (1, 2), "2 processes x 1 thread": (2, 1)}
TWO_THREADS = "1 process x 2 threads"


class Workers:
    """Processes that each hold the model and score what they are sent."""

    def __init__(self, context: BaseContext, count: int, threads: int, layers: dict[str, int]) -> None:
        self.pipes: list[Connection] = []
        self.processes: list[BaseProcess] = []
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, threads, layers), daemon=True)
            process.start()
            self.pipes.append(ours)
            self.processes.append(process)

    def score(self, texts: Sequence[str]) -> None:
        """Shares the texts out and waits for all."""
        for place, pipe in enumerate(self.pipes):
            pipe.send(list(texts[place :: len(self.pipes)]))
        for pipe in self.pipes:
            pipe.recv()

    def memory(self) -> list[dict[str, float]]:
        """Per process, with all of them at work."""
        for pipe in self.pipes:
            pipe.send("memory")
        return [pipe.recv() for pipe in self.pipes]

    def stop(self) -> None:
        for pipe, process in zip(self.pipes, self.processes, strict=True):
            pipe.send(None)
            process.join()


def run(quick: bool) -> dict[str, Any]:
    if (os.cpu_count() or 1) < CORES:
        raise NotRun("this machine has one core: nothing to share")
    layers = {"num_layers": 1} if quick else {}
    spawn = multiprocessing.get_context("spawn")
    workers = {name: Workers(spawn, *layout, layers) for name, layout in LAYOUTS.items()}
    rows = [*_timed(workers, reports=128, rounds=1 if quick else 9), *_timed(workers, reports=1, rounds=25)]
    for one in workers.values():
        one.stop()
    memory = {how: in_own_process(_memory, how, layers) for how in ("fork", "spawn")}
    return {"rows": rows, "memory of two processes, MB": memory}


def _timed(workers: dict[str, Workers], reports: int, rounds: int) -> list[dict[str, Any]]:
    texts = texts_of(TOKENS, reports)
    taken = in_turn({name: lambda one=one: one.score(texts) for name, one in workers.items()}, rounds)
    return [
        {
            "reports at once": reports,
            "layout": name,
            "ms": 1000 * median(seconds),
            "times 1 x 2": times_faster(seconds, taken[TWO_THREADS]),
        }
        for name, seconds in taken.items()
    ]


def _memory(how: str, layers: dict[str, int]) -> list[dict[str, float]]:
    """Two workers of one thread; forked, the model is loaded before and shared until somebody writes to it."""
    if how == "fork":
        _model(layers)
    workers = Workers(multiprocessing.get_context(how), 2, 1, layers)
    workers.score(texts_of(TOKENS, 16))
    held = workers.memory()
    workers.stop()
    return held


_loaded: list[T5Classifier] = []


def _model(layers: dict[str, int]) -> T5Classifier:
    if not _loaded:
        _loaded.append(random_classifier(SHAPE, TOKENS, **layers))
    return _loaded[0]


def _serve(pipe: Connection, threads: int, layers: dict[str, int]) -> None:
    torch.set_num_threads(threads)
    model = _model(layers)
    while (wanted := pipe.recv()) is not None:
        if wanted == "memory":
            pipe.send(_held())
        else:
            if wanted:
                model.score(wanted)
            pipe.send("done")


def _held() -> dict[str, float]:
    """MiB: all that is mapped, its fair share of what is shared, and what is this process's alone."""
    lines = (line.split() for line in Path("/proc/self/smaps_rollup").read_text("utf-8").splitlines()[1:])
    found = {line[0].rstrip(":"): int(line[1]) / 2**10 for line in lines}
    return {
        "resident": found["Rss"],
        "share": found["Pss"],
        "alone": found["Private_Clean"] + found["Private_Dirty"],
    }
