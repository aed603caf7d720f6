"""A running start, whose processes are started again one after the other, under a real supervisord."""

import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.steps import StepFailed
from tests.conftest import free_port
from tests.workers.conftest import SLACK, wait_for
from tests.workers.test_supervisor import pid_of, program, running
from workers.restart import restart

# Loads for a moment before it starts the child that answers, as gunicorn does, and lets that end its answer.
SERVER = """
import os, signal, socket, sys, time
listener = socket.socket(fileno=0)
time.sleep(1.5)
if child := os.fork():
    signal.signal(signal.SIGTERM, lambda *_: (os.kill(child, signal.SIGTERM), os.wait(), sys.exit()))
    os.wait()
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append("stop"))
listener.settimeout(0.05)
while not told:
    try:
        connection, _ = listener.accept()
    except TimeoutError:
        continue
    connection.sendall(str(os.getppid()).encode())
    connection.close()
"""


class Visitor:
    """Asks again and again; what was answered, and what went wrong."""

    def __init__(self, port: int) -> None:
        self.port, self.answers, self.errors = port, list[str](), list[OSError]()
        self.slowest = 0.0

    def ask(self) -> str:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            return connection.recv(100).decode()

    @contextmanager
    def asking(self) -> Iterator[None]:
        done = threading.Event()
        asker = threading.Thread(target=self._ask_on, args=(done,))
        asker.start()
        yield
        done.set()
        asker.join()

    def _ask_on(self, done: threading.Event) -> None:
        while not done.wait(0.01):
            began = time.monotonic()
            try:
                self.answers.append(self.ask())
            except OSError as error:
                self.errors.append(error)
            self.slowest = max(self.slowest, time.monotonic() - began)


def test_every_process_is_new_and_whoever_asks_meanwhile_is_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port, script = free_port(), tmp_path / "server.py"
    script.write_text(SERVER)
    web = program("web", (sys.executable, str(script)), listens=f"127.0.0.1:{port}", processes=2)
    visitor = Visitor(port)
    with running(tmp_path, web, program("worker")) as supervised:
        names = ("web_0", "web_1", "worker")
        before = wait_for(lambda: all(pids := [pid_of(supervised, name) for name in names]) and pids, 15)
        wait_for(lambda: visitor.ask(), 15)
        with visitor.asking():
            restart(tmp_path)
        after = [pid_of(supervised, name) for name in names]
    assert all(after)
    assert not set(before) & set(after)
    assert visitor.errors == []
    assert visitor.answers[-1] in map(str, after[:2]), "what answers now is new"
    assert visitor.slowest < 1.5 * SLACK, "one of them answered while the other loaded"
    said = re.findall(r"(\w+): \d+\.\d s", capsys.readouterr().out)
    assert said == ["web_0", "web_1", "worker"]


def test_where_nothing_was_started_it_says_how_to(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="make demo"):
        restart(tmp_path)


def test_where_it_has_ended_it_says_how_to_start_it(tmp_path: Path) -> None:
    with running(tmp_path, program("worker")) as supervised:
        wait_for(lambda: pid_of(supervised, "worker"), 15)
    with pytest.raises(StepFailed, match=r"nothing runs in .* `make demo` starts it"):
        restart(tmp_path)


def test_what_does_not_come_back_stops_it_with_the_name_of_its_log(tmp_path: Path) -> None:
    once = tmp_path / "once"
    code = f"import os, time; os.path.exists('{once}') and exit(1); open('{once}', 'w'); time.sleep(600)"
    with running(tmp_path, program("worker", (sys.executable, "-c", code)), program("zebra")) as supervised:
        wait_for(lambda: pid_of(supervised, "worker") and once.exists(), 15)
        kept = wait_for(lambda: pid_of(supervised, "zebra"), 15)
        with pytest.raises(StepFailed, match=r"worker does not start again; .*worker\.log"):
            restart(tmp_path)
        assert pid_of(supervised, "zebra") == kept, "what was not reached runs on"
