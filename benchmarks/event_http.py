"""The way of events over HTTP: web processes, a broker and a worker of one installation, as a local start runs them."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from benchmarks.event_site import Site
from benchmarks.needs import NotRun
from workers import broker, supervisor
from workers.sockets import socket_folder

PATIENCE = 60.0  # seconds for programs to start
BODY_LINES = 2_500  # of one request; the API takes up to 5,000


class Door:
    """Where events are sent, with what a sender needs."""

    def __init__(self, site: Site, port: int, token: str) -> None:
        self._site, self._port, self._token = site, port, token

    def deliver(self, lines: Sequence[bytes], key: str, source: str, format: str) -> None:
        """Send lines in requests one after the other, and wait until they are records."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        for start in range(0, len(lines), BODY_LINES):
            headers = {
                "Authorization": f"Token {self._token}",
                "Content-Type": "application/x-ndjson",
                "Idempotency-Key": f"{key}-{start}",
            }
            body = b"\n".join(lines[start : start + BODY_LINES])
            address = f"/api/v1/events/?source={source}&format={format}"
            connection.request("POST", address, body, headers)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status != http.client.ACCEPTED:
                raise RuntimeError(f"{answer.status}: {told[:500]!r}")
        connection.close()
        self._site.ask("wait", seconds=PATIENCE)


@contextmanager
def broker_of(site: Site) -> Iterator[str]:
    """The address of a broker of the site's own, which the programs started from now on use. Raises NotRun without."""
    servers = [one for one in broker.candidates(os.environ["PATH"]) if broker.version_of(one) >= broker.OLDEST]
    if not servers:
        raise NotRun("no redis-server")
    folder = socket_folder(site.home / "run", broker.SOCKET)
    options = ("--port", "0", "--unixsocket", str(folder / broker.SOCKET), "--save", "", "--dir", str(site.home))
    site.environment["BROKER_URL"] = f"redis+socket://{folder / broker.SOCKET}"
    with running(site, [str(servers[0]), *options]):
        wait(site, lambda: (folder / broker.SOCKET).exists())
        yield site.environment["BROKER_URL"]


@contextmanager
def web_of(site: Site) -> Iterator[int]:
    """The port of web processes as a local start runs them."""
    port = free_port()
    web = supervisor.web_command(sys.executable, bind=f"127.0.0.1:{port}", workers=2)
    with running(site, web):
        wait(site, lambda: answers(port))
        yield port


@contextmanager
def open_door(site: Site) -> Iterator[Door]:
    """Raises NotRun without a broker."""
    worker = next(one for one in supervisor.programs(sys.executable, port=0, cores=1) if one.name == "events")
    with broker_of(site), web_of(site) as port, running(site, worker.command):
        wait(site, lambda: bool(site.ask("ready", queue="events")["ready"]))
        yield Door(site, port, site.ask("token")["token"])


@contextmanager
def running(site: Site, command: Sequence[str]) -> Iterator[None]:
    process = site.start(*command)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait(site: Site, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"a program did not start within {PATIENCE:.0f} s; the end of its log:\n{site.told()}")
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return False
    return answer.status == http.client.OK


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
