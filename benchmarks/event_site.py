"""Scratch installations of the product, on SQLite or PostgreSQL, each with a process that does what it is asked."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.needs import NotRun

ROOT = Path(__file__).parent.parent
EVENTS = "benchmarks.event_child.actions"
POSTGRES = "postgres://127.0.0.1:5432/caseloop"  # else TEST_DATABASE_URL, as for tests
DEPLOYMENT = ("SECRET_KEY", "BROKER_URL", "DJANGO_DEBUG", "PORT", "PUBLIC_URL", "EMAIL_URL", "TIME_ZONE")


class Site:
    """A migrated database of its own below `home`, and a process that does the actions of a module on it."""

    def __init__(self, home: Path, database: str = "", actions: str = EVENTS) -> None:
        """`database` is an address; empty for SQLite."""
        self.home = home
        self.environment = {name: value for name, value in os.environ.items() if name not in DEPLOYMENT}
        self.environment |= {"CASELOOP_HOME": str(home), "DATABASE_URL": database, "OMP_NUM_THREADS": "1"}
        self._run("manage.py", "migrate", "--skip-checks", "--verbosity", "0")
        self.log = (home / "child.log").open("ab")
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.child", actions],
            env=self.environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
        )  # fmt: skip

    def ask(self, action: str, **arguments: Any) -> dict[str, Any]:
        """What the process answers; RuntimeError with its traceback where it failed."""
        assert self._child.stdin and self._child.stdout
        self._child.stdin.write(json.dumps({"action": action, **arguments}) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": f"the process ended:\n{self.told()}"}
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """Another program of this installation, in a process group of its own; `more` is added to its environment."""
        return subprocess.Popen(
            arguments, env=self.environment | more, cwd=ROOT, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def told(self) -> str:
        """The end of what its programs have logged."""
        return Path(self.log.name).read_text()[-3000:]

    def close(self) -> None:
        assert self._child.stdin and self._child.stdout
        self._child.stdin.close()
        self._child.wait(30)
        self._child.stdout.close()
        self.log.close()

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, *arguments], env=self.environment, cwd=ROOT, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])


@contextmanager
def sqlite_site(actions: str = EVENTS) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="caseloop-bench-") as folder:
        site = Site(Path(folder), actions=actions)
        try:
            yield site
        finally:
            site.close()


@contextmanager
def postgres_site(actions: str = EVENTS) -> Iterator[Site]:
    """On a database made for it and dropped after it. Raises NotRun where no server can be reached."""
    server = (os.environ.get("TEST_DATABASE_URL") or POSTGRES).rpartition("/")[0]
    name = f"caseloop_bench_{os.getpid()}"
    try:
        administration = psycopg.connect(f"{server}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        raise NotRun(f"no PostgreSQL: {str(error).strip().splitlines()[0]}") from error
    with administration, tempfile.TemporaryDirectory(prefix="caseloop-bench-") as folder:
        administration.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        administration.execute(f"CREATE DATABASE {name}")
        try:
            site = Site(Path(folder), f"{server}/{name}", actions)
            try:
                yield site
            finally:
                site.close()
        finally:
            administration.execute(f"DROP DATABASE {name} WITH (FORCE)")


SITES = {"SQLite": sqlite_site, "PostgreSQL": postgres_site}
