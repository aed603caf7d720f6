"""Threads that repeat something every few seconds, on a database connection of their own."""

import os
import threading
from collections.abc import Callable
from types import TracebackType

import structlog
from django.db import DatabaseError, InterfaceError, connections

log = structlog.get_logger("workers.heartbeat")
EVERY_SECONDS = 5.0

# Whoever forks waits for the call under way: a child that is made while a thread is inside the database's library has
# that library's locks held for ever, by a thread that it does not have, and hangs at its first query.
_calling = threading.Lock()
os.register_at_fork(before=_calling.acquire, after_in_parent=_calling.release, after_in_child=_calling.release)


class Repeat:
    """Calls `action` every `seconds` in a thread until it says False or is stopped; a context manager.

    The connection is closed after each call, and no fork happens during one, so that a child never inherits an open
    one. A database that is away is logged and tried again.
    """

    def __init__(self, action: Callable[[], object], seconds: float = EVERY_SECONDS) -> None:
        self._action, self._seconds = action, seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for the call under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> "Repeat":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            with _calling:
                if not self._goes_on():
                    return

    def _goes_on(self) -> bool:
        try:
            return self._action() is not False
        except (DatabaseError, InterfaceError) as error:
            log.warning("heartbeat_missed", error=type(error).__name__)
            return True
        finally:
            connections.close_all()
