"""Ring a queue without waiting for the broker: a thread of its own does the talking.

A caller pays for a lock and a set, whether the broker answers, refuses or accepts and stays silent. What
cannot be delivered is dropped with a warning: the job's row is there, and the sweeper rings again.
"""

import atexit
import threading
import time

import structlog

from workers.celery import app
from workers.celery import ring as publish

log = structlog.get_logger("workers.doorbell")
GATHER_SECONDS = (
    0.05  # for the answer of who rang to go out first, and for more rings of a burst: publishing takes 3 ms
)
FAREWELL_SECONDS = 1.0  # how long a command that ends waits for its last ring


class Doorbell:
    """Rings of one process, folded per queue. Safe to use after a fork."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._pending: set[str] = set()
        self._ringing = False
        self._thread: threading.Thread | None = None

    def ring(self, queue: str) -> None:
        with self._wake:
            self._pending.add(queue)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()
            self._wake.notify_all()

    def wait_until_rung(self, seconds: float) -> bool:
        """Wait until nothing is pending. Returns whether that was reached in time."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._pending and not self._ringing, seconds)

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: bool(self._pending))
            time.sleep(GATHER_SECONDS)
            with self._wake:
                queues, self._pending, self._ringing = sorted(self._pending), set(), True
            try:
                _publish(queues)
            finally:
                with self._wake:
                    self._ringing = False
                    self._wake.notify_all()


def _publish(queues: list[str]) -> None:
    try:
        with app.connection_for_write() as connection:
            for queue in queues:
                publish(queue, connection)
    except Exception as error:  # transports raise errors of their own; the sweeper rings again
        log.warning("doorbell_unheard", queues=queues, error=type(error).__name__)


_doorbell = Doorbell()
ring = _doorbell.ring
wait_until_rung = _doorbell.wait_until_rung
atexit.register(wait_until_rung, FAREWELL_SECONDS)
