"""A running supervisord: start it, ask it, tell it, stop it."""

import ctypes
import os
import signal
import subprocess
import sys
import xmlrpc.client  # nosec B411 # asked is the supervisor of this home, by its 0700 socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from supervisor.xmlrpc import SupervisorTransport

PR_SET_PDEATHSIG = 1
PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class State:
    """One process: supervisord's word for its state (RUNNING, BACKOFF, FATAL, ...), its process id or 0."""

    name: str
    word: str
    pid: int
    group: str = ""


@contextmanager
def asked(socket: Path) -> Iterator[Any]:
    """The methods of the supervisord that listens there (supervisord.org/api.html).

    Calls raise OSError while nothing listens, and xmlrpc.client.Error for a refusal.
    """
    transport = SupervisorTransport(None, None, f"unix://{socket}")
    with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
        yield server.supervisor


def states(supervisor: Any) -> list[State]:
    """Every process's state."""
    rows = supervisor.getAllProcessInfo()
    return [State(row["name"], row["statename"], row["pid"], row["group"]) for row in rows]


class Supervised:
    def __init__(self, process: subprocess.Popen[bytes], socket: Path) -> None:
        self.process = process
        self._socket = socket
        self._last: list[State] = []

    @classmethod
    def start(cls, configuration: Path, *, socket: Path, environment: Mapping[str, str], lock: IO[Any]) -> "Supervised":
        """Run supervisord in a session of its own, so that the terminal's Ctrl-C reaches it through us alone.

        `lock` becomes its standard input, the one file that it keeps open: whoever holds the lock lives.
        """
        command = [sys.executable, "-m", "workers.supervisord", "-c", str(configuration)]
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd=PROJECT,
            stdin=lock,
            env=environment,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        return cls(process, socket)

    def states(self) -> list[State]:
        """Every program's state; empty while supervisord does not answer (it starts, or it has ended)."""
        try:
            with asked(self._socket) as supervisor:
                self._last = states(supervisor)
        except (OSError, xmlrpc.client.Error):
            return []
        return self._last

    def stop(self, seconds: float) -> bool:
        """End every process; False where supervisord was killed, by others or by us after `seconds`."""
        self.process.terminate()
        try:
            if self.process.wait(seconds) >= 0:
                return True
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for state in self._last:
            if state.pid:
                with suppress(ProcessLookupError):
                    os.kill(state.pid, signal.SIGTERM)
        return False


def _end_with_parent() -> None:
    """Linux: supervisord is told to stop when the process that started it dies, even by SIGKILL."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
