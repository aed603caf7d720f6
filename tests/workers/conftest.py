"""Real worker processes on the test database and the test's Redis."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from django.conf import settings
from django.db import connection

from tests.conftest import RedisServer
from workers import sweeper

T = TypeVar("T")


def database_url() -> str:
    one = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{one['NAME']}"
    return f"postgres://{one['USER']}:{one['PASSWORD']}@{one['HOST']}:{one['PORT']}/{one['NAME']}"


class Program:
    """A process of the product, in a process group of its own."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                env={**os.environ, **environment},
                cwd=settings.BASE_DIR,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL to parent and children at once, as when a machine goes down."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self, seconds: float = 30) -> int:
        """SIGTERM, as a supervisor sends it; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


class Site:
    """Starts programs of the product and ends them with the test."""

    def __init__(self, redis: RedisServer, folder: Path) -> None:
        self.redis, self._folder = redis, folder
        self.broker_address = redis.url
        self._programs: list[Program] = []

    def worker(self, queue: str = "inference") -> Program:
        options = ["-c", "1", "--prefetch-multiplier", "1", "--without-gossip", "--without-mingle"]
        name = ["-n", f"{queue}@test", "-Q", queue]
        return self._start("-m", "celery", "-A", "tests.workers.app", "worker", *name, *options)

    def sweeper(self) -> Program:
        return self._start("manage.py", "run_sweeper")

    def close(self) -> None:
        for program in self._programs:
            program.kill()

    def _start(self, *arguments: str) -> Program:
        environment = {
            "DATABASE_URL": database_url(),
            "BROKER_URL": self.broker_address,
            "CASELOOP_HOME": str(self._folder),
        }
        program = Program(list(arguments), environment, self._folder / "programs.log")
        self._programs.append(program)
        return program


@pytest.fixture
def site(transactional_db: None, redis_server: RedisServer, tmp_path: Path) -> Iterator[Site]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE work_done (object_id bigint NOT NULL)")
    started = Site(redis_server, tmp_path)
    yield started
    started.close()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE work_done")


def times_done() -> Counter[int]:
    """How often each object's work was recorded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT object_id FROM work_done")
        return Counter(row[0] for row in cursor.fetchall())


# Tests that run in parallel share the cores with whatever the others have started.
SLACK = 3 if "PYTEST_XDIST_WORKER" in os.environ else 1


def wait_for(condition: Callable[[], T], seconds: float, *, sweeping: bool = False) -> T:
    """The first true answer of `condition`, sweeping once a second meanwhile if asked. Fails after `seconds`."""
    deadline = time.monotonic() + seconds * SLACK
    next_sweep = 0.0
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"did not happen within {seconds} s"
        if sweeping and time.monotonic() >= next_sweep:
            sweeper.sweep()
            next_sweep = time.monotonic() + 1
        time.sleep(0.05)
    return answer
