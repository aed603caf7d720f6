"""Kills the processes of an installation, one after the other, in an order that the seed decides."""

import math
import os
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from django.utils import timezone

from tests.chaos.installation import Installation, children_of
from tests.workers.conftest import wait_for

BACK_SECONDS = 300.0
PROCESSES, CHILDLESS = {"web": 2}, {"sweeper", "broker"}


@dataclass
class Kill:
    victim: str
    at: float  # seconds since 1970
    began: float  # by the monotonic clock, as the watcher's
    back: float = math.inf  # by the same clock: it runs again, and where it serves pages, it has answered one


def group(installation: Installation, name: str) -> list[int]:
    """All of its processes with their children at once, as when a machine goes down."""
    parents = installation.pids(name)
    dying = [one for pid in parents for one in (pid, *children_of(pid))]
    for pid in parents:
        os.killpg(pid, signal.SIGKILL)
    return dying


def master(installation: Installation, name: str) -> list[int]:
    """A parent alone; its children find out by themselves."""
    parent = installation.pids(name)[0]
    dying = [parent, *children_of(parent)]
    os.kill(parent, signal.SIGKILL)
    return dying


def child(installation: Installation, name: str) -> list[int]:
    """A child alone, as the kernel does when memory runs out."""
    dying = children_of(installation.pids(name)[0])[:1]
    os.kill(dying[0], signal.SIGKILL)
    return dying


def wiped(installation: Installation, name: str) -> list[int]:
    """With everything that it keeps on disk."""
    installation.forget_messages()
    return group(installation, name)


VICTIMS: dict[str, tuple[str, Callable[[Installation, str], list[int]]]] = {
    "inference worker": ("inference", group),
    "inference worker's child": ("inference", child),
    "web": ("web", group),
    "web's master alone": ("web", master),
    "one web process": ("web", child),
    "broker, wiped": ("broker", wiped),
    "sweeper": ("sweeper", group),
    "training worker": ("training", group),
    "training worker's child": ("training", child),
}


class Killer:
    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.kills: list[Kill] = []
        self._pool = ThreadPoolExecutor(4)
        self._watched: dict[str, Future[None]] = {}  # of each program the last one

    def kill(self, victim: str) -> None:
        """Kill it, once it is back should it have been killed before; does not wait for it to come back this time."""
        name, deed = VICTIMS[victim]
        if before := self._watched.get(name):
            before.result()
        wait_for(lambda: self._is_whole(name), BACK_SECONDS)
        kill = Kill(victim, timezone.now().timestamp(), time.monotonic())
        dying = deed(self.installation, name)
        self.kills.append(kill)
        self._watched[name] = self._pool.submit(self._see_it_back, kill, name, dying)

    def wait(self) -> None:
        """Until everything is back."""
        for one in self._watched.values():
            one.result()

    def _see_it_back(self, kill: Kill, name: str, dying: list[int]) -> None:
        wait_for(lambda: not any(map(_lives, dying)), BACK_SECONDS)
        wait_for(lambda: self._is_whole(name), BACK_SECONDS)
        if name == "web":
            wait_for(self.installation.answers, BACK_SECONDS)
        kill.back = time.monotonic()

    def _is_whole(self, name: str) -> bool:
        """Whether the program runs, with all of its processes and children."""
        parents = self.installation.pids(name)
        whole = len(parents) == PROCESSES.get(name, 1)
        return whole and (name in CHILDLESS or all(map(children_of, parents)))


def order_of(dice: random.Random, count: int) -> list[str]:
    """Of all victims before any comes again."""
    order: list[str] = []
    while len(order) < count:
        order += dice.sample(list(VICTIMS), len(VICTIMS))
    return order[:count]


def _lives(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
