"""What back-pressure is made of: workers that are stopped, senders that keep to a pace, and people who look on."""

import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from benchmarks.desk_http import Caller
from benchmarks.event_samples import events, json_lines
from workers.supervised import State

LINES = 2_500
USERS = 5_000
STEP = 0.01  # seconds between two events' own times


@contextmanager
def stopped(groups: Sequence[int]) -> Iterator[None]:
    """Process groups that do nothing meanwhile, and have nothing at hand."""
    _signal(groups, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(groups, signal.SIGCONT)


def _signal(groups: Sequence[int], number: signal.Signals) -> None:
    for group in groups:
        os.killpg(group, number)


@contextmanager
def in_thread(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run `work` beside; it is told when to end, and what it raises is raised at the end."""
    done, failed = threading.Event(), list[BaseException]()

    def guarded() -> None:
        try:
            work(done)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    if failed:
        raise failed[0]


class Sender:
    """Sends at a pace and counts what was accepted. A late answer is made up for: the pace is of the whole time."""

    def __init__(self, port: int, token: str, run: str) -> None:
        self.port, self.token, self.run, self.began = port, token, run, time.time()
        self.reports = self.events = 0

    def send_reports(self, a_second: float, done: threading.Event) -> None:
        caller = Caller(self.port, {"Authorization": f"Token {self.token}"})
        for number in _paced(a_second, done):
            title = f"Transfer {self.run}-{number}"
            text = (
                f"A caller who said he was from my bank asked for a code; transfer {number} of {number * 7} was made."
            )
            caller.ask("POST", "/api/v1/incidents/", {"title": title, "text": text})
            self.reports += 1

    def send_events(self, source: str, a_second: float, done: threading.Event) -> None:
        for number in _paced(a_second / LINES, done):
            self.send_batch(source, number)

    def send_batch(self, source: str, number: int) -> None:
        """LINES events, the next in the source's own time."""
        lines = json_lines(events(LINES, USERS, seed=number), self.began + STEP * LINES * number)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Authorization": f"Token {self.token}",
            "Content-Type": "application/x-ndjson",
            "Idempotency-Key": f"{self.run}-{number}",
        }
        connection.request("POST", f"/api/v1/events/?source={source}&format=json", b"\n".join(lines), headers)
        answer = connection.getresponse()
        told = answer.read()
        connection.close()
        if answer.status != http.client.ACCEPTED:
            raise RuntimeError(f"{answer.status}: {told[:500]!r}")
        self.events += LINES


def _paced(a_second: float, done: threading.Event) -> Iterator[int]:
    began = time.monotonic()
    for number in count():
        if done.wait(max(0.0, began + number / a_second - time.monotonic())):
            return
        yield number


class Onlooker:
    """A person who opens one page after the other."""

    def __init__(self, port: int, session: str, addresses: Sequence[str]) -> None:
        self.port, self.session, self.addresses = port, session, addresses
        self.milliseconds: list[float] = []

    def look(self, done: threading.Event) -> None:
        caller = Caller(self.port, {"Cookie": f"sessionid={self.session}"})
        for number in count():
            if done.wait(0.5):
                return
            self.milliseconds.append(caller.ask("GET", self.addresses[number % len(self.addresses)]))
            caller.close()


def memory(states: Sequence[State]) -> dict[str, float]:
    """MB that each program holds now: its process group's resident sets, shared pages counted in each."""
    rows = subprocess.run(["ps", "-A", "-o", "pgid=,rss="], capture_output=True, text=True, check=True).stdout
    by_group: dict[int, float] = {}
    for row in rows.splitlines():
        group, kilobytes = map(int, row.split())
        by_group[group] = by_group.get(group, 0) + kilobytes / 1024
    return {state.name: by_group.get(state.pid, 0.0) for state in states if state.pid}
