"""How the work stands: what /status/, /metrics and the banner of every page are made from."""

import threading
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from workers.celery import app
from workers.models import Job, WorkerHeartbeat

BROKER_SECONDS = 1.0  # longer is "does not answer": a page waits no longer than this
LATE = timedelta(seconds=30)  # six heartbeats


@dataclass(frozen=True)
class Worker:
    """A worker as last heard of; `seen` tells whether that was within 30 s and it has not said good-bye."""

    name: str
    queue: str
    state: str
    device: str
    model: str
    age_seconds: float
    seen: bool


@dataclass(frozen=True)
class Queue:
    """A queue's rows; `oldest_seconds` is how long the first one has waited, None when none waits."""

    name: str
    queued: int
    running: int
    failed: int
    oldest_seconds: float | None


@dataclass(frozen=True)
class Snapshot:
    broker_reachable: bool
    workers: list[Worker]
    queues: list[Queue]


def snapshot() -> Snapshot:
    """The whole picture: four queries and one question to the broker, which has one second to answer."""
    return Snapshot(broker_reachable(), workers(), queues())


def broker_reachable(seconds: float = BROKER_SECONDS) -> bool:
    """Whether the broker answers in time. Asked in a thread: a half-open connection outlasts any timeout."""
    answered = threading.Event()
    threading.Thread(target=_ask_broker, args=(answered,), name="broker-probe", daemon=True).start()
    return answered.wait(seconds)


def workers() -> list[Worker]:
    return [_worker(row) for row in WorkerHeartbeat.objects.all()]


def queues() -> list[Queue]:
    """Queues that hold jobs or have had a worker."""
    counts, ages = Job.objects.queue_counts(), Job.objects.queue_ages()
    named = set(WorkerHeartbeat.objects.order_by().values_list("queue", flat=True).distinct())
    return [
        Queue(
            name,
            queued=counts.get((name, Job.Status.QUEUED), 0),
            running=counts.get((name, Job.Status.RUNNING), 0),
            failed=counts.get((name, Job.Status.FAILED), 0),
            oldest_seconds=ages.get(name),
        )
        for name in sorted(named | {queue for queue, _ in counts})
    ]


def seconds_without_worker(queue: str) -> float | None:
    """Seconds since a worker of the queue was last seen; 0.0 while one is there, None when there never was one."""
    of_queue = WorkerHeartbeat.objects.filter(queue=queue)
    last = of_queue.aggregate(at=Max("seen_at"))["at"]
    if last is None:
        return None
    age = timezone.now() - last
    alive = of_queue.exclude(state=WorkerHeartbeat.State.STOPPED).filter(seen_at__gte=timezone.now() - LATE)
    return 0.0 if alive.exists() else max(0.0, age.total_seconds())


def _worker(row: WorkerHeartbeat) -> Worker:
    seen = row.age <= LATE and row.state != WorkerHeartbeat.State.STOPPED
    return Worker(row.name, row.queue, row.state, row.device, row.model, row.age.total_seconds(), seen)


def _ask_broker(answered: threading.Event) -> None:
    try:
        with app.connection_for_write() as connection:
            connection.channel()  # its making exchanges a first message
    except Exception:
        return
    answered.set()
