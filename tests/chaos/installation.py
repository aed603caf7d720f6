"""A whole installation as `make demo` runs it: the product's supervisor keeps its processes, on the test database."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings

from tests.chaos.browser import NO_ANSWER, Browser
from tests.conftest import free_port
from tests.workers.conftest import Program, database_url, wait_for
from workers import broker, supervisor
from workers.demo import STOP_SECONDS, sockets_under
from workers.home import locked
from workers.supervised import Supervised

START_SECONDS = 180  # four processes import their packages at once


def site_environment(home: Path, database: str, broker_address: str, port: int) -> dict[str, str]:
    """What processes of a site see. Sessions and tokens that the test makes hold there, by the same key."""
    return os.environ | {
        "CASELOOP_HOME": str(home),
        "DATABASE_URL": database,
        "BROKER_URL": broker_address,
        "PORT": str(port),
        "SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "tests.chaos.site_settings",
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
    }


class Installation:
    """A context manager. `names` are the programs that run, by the supervisor's names, beside the broker."""

    def __init__(self, home: Path, names: Sequence[str]) -> None:
        self.home, self.names = home, names
        self.port = free_port()
        self._open = ExitStack()

    def __enter__(self) -> "Installation":
        lock = self._open.enter_context(locked(self.home))
        sockets = self._open.enter_context(sockets_under(self.home / "run"))
        chosen = broker.choose({"PATH": os.environ["PATH"]}, home=self.home, sockets=sockets)
        logs = self.home / "logs"
        logs.mkdir()
        every = supervisor.programs(sys.executable, port=self.port, cores=1)
        configuration = self.home / "run" / "supervisord.conf"
        configuration.write_text(
            supervisor.configuration(
                [one for one in every if one.name in self.names],
                before=[supervisor.broker_program(chosen.command)],
                project=settings.BASE_DIR,
                run=self.home / "run",
                logs=logs,
                sockets=sockets,
            )
        )
        environment = site_environment(self.home, database_url(), chosen.url, self.port)
        self.supervised = Supervised.start(
            configuration, socket=sockets / supervisor.SOCKET, environment=environment, lock=lock
        )
        self._open.callback(self.supervised.stop, STOP_SECONDS)
        wait_for(self.answers, START_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def answers(self) -> bool:
        return answers(Browser(self.port))

    def pids(self, name: str) -> list[int]:
        """Of the processes of a program that run; pages are served by two."""
        return [one.pid for one in self.supervised.states() if name in (one.name, one.group) and one.pid]

    def forget_messages(self) -> None:
        """Remove what the broker keeps on disk: started again, it knows nothing."""
        for kept in (self.home / "redis").iterdir():
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(mode=0o700, exist_ok=True)

    def log(self, name: str) -> str:
        return "".join(file.read_text() for file in sorted((self.home / "logs").glob(f"{name}*.log")))


def children_of(parent: int) -> list[int]:
    rows = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, row.split())) for row in rows.splitlines()]
    return [child for child, its_parent in pairs if its_parent == parent]


@contextmanager
def serving(home: Path, *, database: str = "", broker_address: str = "", **environment: str) -> Iterator[Browser]:
    """The web alone, on an address of its own; whoever looks at its pages."""
    port = free_port()
    web = supervisor.web_command(sys.executable, bind=f"127.0.0.1:{port}", workers=2)
    seen = site_environment(home, database or database_url(), broker_address, port)
    program = Program(list(web[1:]), seen | environment, home / "web.log")
    browser = Browser(port)
    try:
        wait_for(lambda: answers(browser), START_SECONDS)
        yield browser
    finally:
        program.kill()
        sys.stdout.write((home / "web.log").read_text()[-4000:])


def answers(browser: Browser) -> bool:
    try:
        return browser.get("/healthz", timeout=5).status == 200
    except NO_ANSWER:
        return False
