"""A whole installation as `make demo` starts it: web, workers, sweeper and broker under their supervisor."""

import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from benchmarks.event_http import answers, free_port
from benchmarks.event_site import ROOT, Site
from workers.restart import socket_of
from workers.supervised import State, asked, states
from workers.supervisor import TOGETHER, programs

METRICS = "for this site alone"
SLOWED, SHARE = "benchmarks.load_child.slowed", "WORKED_SHARE"
ACTIONS = "benchmarks.load_child.actions"
PATIENCE = 900.0  # seconds: sample reports, the first linear model, then the first T5


class WholeSite:
    """`site` does what it is asked on the same database; `port` is where the pages are."""

    def __init__(self, site: Site, port: int) -> None:
        self.site, self.port = site, port
        self._stand_ins: list[State] = []

    def states(self) -> list[State]:
        """Every process that the supervisor runs, and what stands in for some."""
        with asked(socket_of(self.site.home)) as supervisor:
            return [*states(supervisor), *self._stand_ins]

    @contextmanager
    def slowed(self, queues: Sequence[str], share: float) -> Iterator[None]:
        """In the place of these workers, some that work a share of the time."""
        started = []
        try:
            for program in programs(sys.executable, port=self.port, cores=1):
                if program.name in queues:
                    with asked(socket_of(self.site.home)) as supervisor:
                        supervisor.stopProcess(f"{TOGETHER}:{program.name}")
                    command = [part.replace("workers.celery", SLOWED) for part in program.command]
                    started.append(self.site.start(*command, **program.environment, **{SHARE: str(share)}))
                    self._stand_ins.append(State(program.name, "RUNNING", started[-1].pid))
            yield
        finally:
            for one in started:
                one.terminate()
            for one in started:
                one.wait(180)  # it rests after its last batch, too
            self._stand_ins.clear()
            with asked(socket_of(self.site.home)) as supervisor:
                for queue in queues:
                    supervisor.startProcess(f"{TOGETHER}:{queue}")

    def queue_ages(self) -> dict[str, float]:
        """Seconds that the first of each queue has waited, as Prometheus is told them."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/metrics")
        request.add_header("Authorization", f"Bearer {METRICS}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            told = answer.read().decode()
        return {
            name: float(age)
            for name, age in re.findall(r'^caseloop_queue_age_seconds{queue="(\w+)"} (\S+)', told, re.M)
        }

    def restart(self) -> str:
        """`make restart`; what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "workers.restart"],
            env=self.site.environment, cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout


@contextmanager
def whole_site(site: Site) -> Iterator[WholeSite]:
    """Started, and its first T5 trained."""
    port = free_port()
    site.environment |= {"PORT": str(port), "METRICS_TOKEN": METRICS}
    demo = site.start(sys.executable, "-m", "workers.demo")
    try:
        until(site, demo, lambda: answers(port) and bool(site.ask("last")["number"]))
        until(site, demo, lambda: not site.ask("trains")["trains"])
        site.ask("lift_limits")
        yield WholeSite(site, port)
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(90)


def until(site: Site, demo: "subprocess.Popen[bytes]", condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if demo.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the site does not run; the end of its log:\n{site.told()}")
        time.sleep(1)
