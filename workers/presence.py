"""A worker says that it is there, what it is doing, and that it is leaving."""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, connections
from django.db.models.functions import Now

from workers.heartbeat import Repeat
from workers.models import Job, WorkerHeartbeat

log = structlog.get_logger("workers.presence")
State = WorkerHeartbeat.State


class Presence:
    """The heartbeat row of one worker: its parent process keeps `seen_at`, its child the state.

    No method raises when the database is away: that is logged, and the next beat says it again.
    """

    def __init__(self, name: str, queue: str) -> None:
        self.name, self.queue = name, queue
        self._leaving = False
        self._beat = Repeat(self._seen)

    def introduce(self) -> None:
        """Write the row anew. For the parent, before it has children."""
        self._write(lambda: self._save(state=State.STARTING, device="", model=""))

    def keep_up(self) -> None:
        """Start to renew `seen_at`. For the parent, once its children run."""
        self._beat.start()

    def leave(self) -> None:
        """Tell the batch at hand to stop (see Batch.beat). For a signal handler: a thread does the writing."""
        self._leaving = True
        threading.Thread(target=self._write, args=(self._seen,), daemon=True).start()

    def left(self) -> None:
        """The children are gone: what they still held goes back, with its attempt."""
        self._beat.stop()
        self._write(lambda: self._save(state=State.STOPPED))
        self._write(lambda: Job.objects.return_unfinished(self.name))

    def now(self, state: WorkerHeartbeat.State, **fields: str) -> None:
        """Say what the worker does. For the child; a worker that is leaving stays "stopping"."""
        row = WorkerHeartbeat.objects.filter(name=self.name).exclude(state=State.STOPPING)
        self._try(lambda: row.update(state=state, **fields))

    def is_leaving(self) -> bool:
        """Whether this worker is told to stop. Raises the errors of a database that is away."""
        return WorkerHeartbeat.objects.filter(name=self.name, state=State.STOPPING).exists()

    def _seen(self) -> None:
        self._save(**({"state": State.STOPPING} if self._leaving else {}))

    def _save(self, **fields: Any) -> None:
        values = {"queue": self.queue, "seen_at": Now(), **fields}
        WorkerHeartbeat.objects.update_or_create(name=self.name, defaults=values)

    def _write(self, action: Callable[[], object]) -> None:
        """For the parent: its connections are closed again, so that no child inherits one."""
        try:
            self._try(action)
        finally:
            connections.close_all()

    def _try(self, action: Callable[[], object]) -> None:
        try:
            action()
        except (DatabaseError, InterfaceError) as error:
            log.warning("heartbeat_missed", worker=self.name, error=type(error).__name__)
