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
def open_door(site: Site) -> Iterator[Door]:
    """Raises NotRun without a broker."""
    servers = [one for one in broker.candidates(os.environ["PATH"]) if broker.version_of(one) >= broker.OLDEST]
    if not servers:
        raise NotRun("no redis-server")
    folder = socket_folder(site.home / "run", broker.SOCKET)
    options = ("--port", "0", "--unixsocket", str(folder / broker.SOCKET), "--save", "", "--dir", str(site.home))
    site.environment["BROKER_URL"] = f"redis+socket://{folder / broker.SOCKET}"
    port = _free_port()
    table = {one.name: one for one in supervisor.programs(sys.executable, port=port, cores=1)}
    with _running(site, [str(servers[0]), *options]):
        _wait(site, lambda: (folder / broker.SOCKET).exists())
        with _running(site, table["web"].command), _running(site, table["events"].command):
            _wait(site, lambda: _answers(port))
            _wait(site, lambda: bool(site.ask("ready", queue="events")["ready"]))
            yield Door(site, port, site.ask("token")["token"])


@contextmanager
def _running(site: Site, command: Sequence[str]) -> Iterator[None]:
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


def _wait(site: Site, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"a program did not start within {PATIENCE:.0f} s; the end of its log:\n{site.told()}")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return False
    return answer.status == http.client.OK


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
