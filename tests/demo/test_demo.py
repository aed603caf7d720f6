"""The whole local start, from an empty CASELOOP_HOME to a clean stop, with real processes."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.workers.conftest import wait_for

PROJECT = Path(__file__).resolve().parents[2]
ROLES = {"reporter", "analyst", "lead", "admin"}


class Demo:
    """`python -m workers.demo`, which `make demo` becomes once packages are installed."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.log = home.with_name(f"{home.name}.log")
        clean = {key: value for key, value in os.environ.items() if key not in {"BROKER_URL", "DATABASE_URL"}}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workers.demo"],
                cwd=PROJECT,
                env=clean | {"CASELOOP_HOME": str(home), "PORT": str(port)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def runs(self) -> bool:
        assert self.process.poll() is None, self.output
        return "Caseloop runs at" in self.output

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def count(self, query: str) -> int:
        connection = sqlite3.connect(self.home / "caseloop.sqlite3", timeout=20)
        try:
            return int(connection.execute(query).fetchone()[0])
        finally:
            connection.close()

    def children(self) -> set[int]:
        """The processes of this start: those that have its folder in their environment."""
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"CASELOOP_HOME={self.home}\0".encode() in (folder / "environ").read_bytes():
                    found.add(int(folder.name))
            except OSError:  # it ended, or is another user's
                continue
        return found


@pytest.mark.chaos
@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
def test_one_command_starts_everything_heals_it_stops_it_and_starts_it_again(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "home", free_port())
    try:
        wait_for(demo.runs, 240)
        it_shows_the_accounts_once_and_keeps_them_private(demo)
        it_answers_and_classifies(demo)
        a_killed_worker_comes_back(demo)
        a_second_start_in_the_same_folder_is_refused(demo)
    finally:
        status = demo.stop()
    assert status == 0, demo.output
    assert demo.output.rstrip().endswith("Stopped.")
    assert not demo.children()
    assert not (demo.home / "broker-url").exists()
    assert not list((demo.home / "run").glob("*.sock"))

    reports = demo.count("select count(*) from incidents_incident")
    again = Demo(demo.home, demo.port)
    try:
        wait_for(again.runs, 60)
        assert again.count("select count(*) from incidents_incident") == reports
        assert not re.search(r"^admin ", again.output, flags=re.MULTILINE)
    finally:
        assert again.stop() == 0, again.output


def it_shows_the_accounts_once_and_keeps_them_private(demo: Demo) -> None:
    file = demo.home / "demo-accounts.txt"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() in demo.output
    assert {line.split()[0] for line in file.read_text().splitlines() if line[0] != "#"} == ROLES
    assert (demo.home / "caseloop.sqlite3").stat().st_mode & 0o077 == 0


def it_answers_and_classifies(demo: Demo) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/", timeout=20) as page:
        assert page.status == 200
    assert (
        demo.count("select count(*) from classifier_modelversion where stage = 'champion' and line = 'classify'") == 1
    )
    wait_for(lambda: demo.count("select count(*) from classifier_prediction") > 0, 60)
    assert demo.count("select count(*) from classifier_trainingrun where base_model = 'small-scratch'") == 1


def a_killed_worker_comes_back(demo: Demo) -> None:
    log = demo.home / "logs" / "inference.log"
    ready = log.read_text().count("ready.")
    inference = [pid for pid in demo.children() if b"inference@" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    for pid in inference:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: log.read_text().count("ready.") > ready, 60)


def a_second_start_in_the_same_folder_is_refused(demo: Demo) -> None:
    lines = demo.output
    done = subprocess.run(
        [sys.executable, "-m", "workers.demo"],
        cwd=PROJECT,
        env=dict(os.environ) | {"CASELOOP_HOME": str(demo.home), "PORT": str(free_port())},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert f"in use by a start that is still running (process {demo.process.pid})" in done.stderr
    assert "Traceback" not in done.stderr
    assert demo.output.startswith(lines)
