"""The product's own workers, as `make demo` starts them, on the test database and the test's Redis."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.chaos.installation import children_of
from tests.conftest import RedisServer
from tests.workers.conftest import SLACK, Program, Site
from workers import supervisor

TAIL = 6000  # characters of the workers' log that a failing test shows


class Plant(Site):
    """Starts the workers of the product with its real table of work."""

    def __init__(self, redis: RedisServer, home: Path) -> None:
        super().__init__(redis, home)
        self.home = home
        self.app = "workers.celery"

    def worker(self, queue: str = "inference", *more: str) -> Program:
        (program,) = (one for one in supervisor.programs(sys.executable, port=0, cores=1) if one.name == queue)
        arguments = [
            self.app if part == "workers.celery" else part
            for part in program.command[program.command.index(sys.executable) + 1 :]
        ]
        return self._start(*arguments, *more)

    def program(self, *arguments: str) -> Program:
        """Any other program of the project, by the arguments of its interpreter."""
        return self._start(*arguments)


@pytest.fixture
def plant(
    transactional_db: None, redis_server: RedisServer, caseloop_home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Plant]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    started = Plant(redis_server, caseloop_home)
    yield started
    started.close()
    log = caseloop_home / "programs.log"
    sys.stdout.write(log.read_text()[-TAIL:] if log.exists() else "no program was started")


def child_of(program: Program) -> int:
    """The one process that does the work of a Celery worker that is up."""
    (child,) = children_of(program.process.pid)
    return child


Send = Callable[[int], None]  # sends a signal to a process or to a group


def freeze_while(condition: Callable[[], bool], send: Send, seconds: float) -> None:
    """SIGSTOP at a moment at which `condition` holds for certain: one looks again once nothing moves any more."""
    deadline = time.monotonic() + seconds * SLACK
    while True:
        assert time.monotonic() < deadline, f"did not happen within {seconds} s"
        if condition():
            send(signal.SIGSTOP)
            if condition():
                return
            send(signal.SIGCONT)
        time.sleep(0.002)


def whole(program: Program) -> Send:
    """Parent and child at once, as when a machine goes down."""
    return partial(os.killpg, program.process.pid)


def kill_while(condition: Callable[[], bool], program: Program, seconds: float) -> None:
    """SIGKILL to parent and child at a moment at which `condition` holds for certain."""
    freeze_while(condition, whole(program), seconds)
    program.kill()


def kill_child_while(condition: Callable[[], bool], program: Program, seconds: float) -> None:
    """SIGKILL to the child alone, as the kernel does when memory runs out; the parent starts another."""
    child = partial(os.kill, child_of(program))
    freeze_while(condition, child, seconds)
    child(signal.SIGKILL)
