"""What a worker does when its bell rings: claim, run, again, until nothing is left or its time slice is over."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from workers import doorbell, jobs, runner
from workers.celery import LONG_WORK, WORK, app
from workers.jobs import Limit
from workers.lifecycle import model_name, presence
from workers.models import Job, WorkerHeartbeat
from workers.pace import Pace
from workers.presence import Presence

SLICE_SECONDS = 30.0  # then another message is taken, so that Celery can stop or recycle the child in between
REQUEST = "workers.acknowledging:Request"  # by name: what it needs of Celery, a web process does not


@dataclass(frozen=True)
class Handler:
    """Who does a kind of job. The service calls batch.finish() in the transaction that saves its results."""

    service: runner.Service
    queue: str
    limit: Limit = field(default_factory=Limit)


HANDLERS: dict[str, Handler] = {}
_pace = Pace()


def drain(queue: str, worker: Presence, handlers: Mapping[str, Handler], pace: Pace) -> int:
    """Work on a queue as one worker. Returns how many batches were run."""
    mine = {kind: handler for kind, handler in handlers.items() if handler.queue == queue}
    end, batches = time.monotonic() + SLICE_SECONDS, 0
    while time.monotonic() < end and not worker.is_leaving():
        limits = {kind: replace(one.limit, batch=pace.batch(kind, one.limit.batch)) for kind, one in mine.items()}
        batch = jobs.claim(queue, worker=worker.name, limits=limits)
        if batch is None:
            break
        if not batches:
            worker.now(WorkerHeartbeat.State.BUSY)
        if Job.objects.claimable(queue).exists():
            doorbell.ring(queue)  # for an idle worker beside this one, and for this one after its slice
        with pace.measured(batch.kind, len(batch.jobs)):
            runner.run(batch, mine[batch.kind].service)
        batches += 1
    if batches:
        worker.now(WorkerHeartbeat.State.READY, model=model_name(queue))
    return batches


def work(queue: str) -> None:
    drain(queue, presence(), HANDLERS, _pace)


def long_work(queue: str) -> None:
    """Acknowledged before it runs: a training outlasts any visibility timeout, its lease is in the row."""
    drain(queue, presence(), HANDLERS, _pace)


app.task(name=WORK, Request=REQUEST)(work)
app.task(name=LONG_WORK, acks_late=False, Request=REQUEST)(long_work)
