"""The processes of a local start, under a real supervisord."""

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.steps import StepFailed
from tests.workers.conftest import wait_for
from workers.home import locked
from workers.sockets import socket_folder
from workers.supervised import Supervised
from workers.supervisor import BIND_NAME, SOCKET, Program, Unwritable, broker_program, configuration, programs

SLEEPS = (sys.executable, "-c", "import time; time.sleep(600)")


def written(home: Path, *together: Program, before: tuple[Program, ...] = ()) -> tuple[Path, Path]:
    """The configuration file, and the folder of its socket."""
    logs = home / "logs"
    logs.mkdir(parents=True)
    folder = socket_folder(home / "run", BIND_NAME)
    file = home / "run" / "supervisord.conf"
    file.write_text(configuration(together, before=before, project=home, run=home / "run", logs=logs, sockets=folder))
    return file, folder / SOCKET


@contextmanager
def running(home: Path, *together: Program, before: tuple[Program, ...] = ()) -> Iterator[Supervised]:
    file, socket = written(home, *together, before=before)
    with locked(home) as lock:
        supervised = Supervised.start(file, socket=socket, environment=dict(os.environ), lock=lock)
        try:
            yield supervised
        finally:
            supervised.stop(20)


def pid_of(supervised: Supervised, name: str) -> int:
    return next((s.pid for s in supervised.states() if s.name == name and s.word == "RUNNING"), 0)


def program(name: str, command: tuple[str, ...] = SLEEPS, **overrides: Any) -> Program:
    return Program(name, command, **{"start_seconds": 1, "stop_seconds": 5} | overrides)


def test_each_queue_has_its_worker_and_a_training_yields_to_classification() -> None:
    by_name = {program.name: program for program in programs("/venv/python", port=8123, cores=2)}
    assert list(by_name) == ["web", "inference", "events", "desk", "analysis", "training", "sweeper", "stream"]
    assert (by_name["web"].listens, by_name["web"].processes) == ("127.0.0.1:8123", 2)
    assert "fd://0" in by_name["web"].command
    assert by_name["training"].command[:3] == ("nice", "-n", "10")
    assert by_name["inference"].command[0] == "/venv/python"


def test_the_access_log_holds_no_address_here_and_in_the_image() -> None:
    web = programs("/venv/python", port=8123, cores=2)[0].command
    written = web[web.index("--access-logformat") + 1]
    assert set(re.findall(r"%\(([^)]+)\)s", written)) == {"t", "m", "s", "B", "M"}
    assert f"--access-logformat '{written}'" in (Path(__file__).parents[2] / "Dockerfile").read_text()


def test_a_program_that_is_killed_comes_back(tmp_path: Path) -> None:
    with running(tmp_path, program("worker")) as supervised:
        first = wait_for(lambda: pid_of(supervised, "worker"), 15)
        os.kill(first, signal.SIGKILL)
        assert wait_for(lambda: pid_of(supervised, "worker") not in (0, first), 15)


def test_blanks_and_percent_signs_in_paths_and_arguments_survive(tmp_path: Path) -> None:
    home = tmp_path / "a home%41"
    home.mkdir()
    says = (sys.executable, "-c", "import sys, time; print(sys.argv[1:], flush=True); time.sleep(600)", "x y", "w@%h")
    with running(home, program("worker", says)):
        log = home / "logs" / "worker.log"
        assert wait_for(lambda: log.exists() and log.read_text().strip(), 15) == "['x y', 'w@%h']"


def test_the_broker_starts_first_and_stops_last(tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "import pathlib, signal, sys, time\n"
        "def note(word): open(sys.argv[2], 'a').write(f'{word} {sys.argv[1]}\\n')\n"
        "signal.signal(signal.SIGTERM, lambda *_: (note('stop'), sys.exit()))\n"
        "note('start'); time.sleep(600)"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    own = broker_program((sys.executable, str(script), "broker", str(order)))
    worker = program("worker", (sys.executable, str(script), "worker", str(order)))
    with running(tmp_path / "home", worker, before=(own,)):
        wait_for(lambda: order.exists() and len(order.read_text().splitlines()) == 2, 15)
    assert order.read_text().splitlines()[2:] == ["stop worker", "stop broker"]


def test_stopping_takes_the_longest_limit_and_not_the_sum(tmp_path: Path) -> None:
    stubborn = (sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)")
    names = ("one", "two", "three")
    with running(tmp_path, *(program(name, stubborn, stop_seconds=2) for name in names)) as supervised:
        wait_for(lambda: all(pid_of(supervised, name) for name in names), 15)
        began = time.monotonic()
        assert supervised.stop(20)
        assert time.monotonic() - began < 5


def test_a_program_that_never_starts_is_given_up(tmp_path: Path) -> None:
    file, _ = written(tmp_path / "a", program("worker", ("/nonexistent/program",)))
    assert "startretries=10" in file.read_text()
    with running(tmp_path / "b", program("worker", ("/nonexistent/program",))) as supervised:
        assert wait_for(lambda: [s.word for s in supervised.states()] == ["BACKOFF"], 15)


@pytest.mark.skipif(sys.platform != "linux", reason="the death of a parent is signalled on Linux only")
def test_the_lock_lasts_while_the_supervisor_lives(tmp_path: Path) -> None:
    with running(tmp_path, program("worker")) as supervised:
        wait_for(lambda: pid_of(supervised, "worker"), 15)
        with pytest.raises(StepFailed, match=f"process {os.getpid()}"), locked(tmp_path):
            pass
    with locked(tmp_path):
        pass


@pytest.mark.parametrize("folder", ["a ;b", "a #b"])
def test_a_path_that_the_configuration_cannot_hold_is_refused(tmp_path: Path, folder: str) -> None:
    with pytest.raises(Unwritable, match="CASELOOP_HOME"):
        written(tmp_path / folder, program("worker"))


def test_a_home_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with locked(tmp_path):
        assert tmp_path.stat().st_mode & 0o777 == 0o700
