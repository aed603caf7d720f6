"""What happens to a Celery worker besides tasks: it starts, warms its child, and stops without loose ends."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from celery.signals import (
    celeryd_after_setup,
    setup_logging,
    worker_process_init,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)

from workers.errors import sentence
from workers.models import WorkerHeartbeat
from workers.presence import Presence

log = structlog.get_logger("workers.lifecycle")


@dataclass(frozen=True)
class Serving:
    """What the workers of a queue keep loaded: `load` brings it in and tells the device, `name` is cheap."""

    load: Callable[[], str]
    name: Callable[[], str]


SERVING: dict[str, Serving] = {}

_this: Presence | None = None  # set in the parent, inherited by its children


def presence() -> Presence:
    """This worker. Raises RuntimeError outside a Celery worker."""
    if _this is None:
        raise RuntimeError("only a process started as `celery worker` has a presence")
    return _this


def keep_logging(**_: Any) -> None:
    """That somebody listens keeps Celery from setting up logging of its own; `workers.logs` has done it."""


def introduce(sender: str, instance: Any, **_: Any) -> None:
    global _this
    _this = Presence(sender, ",".join(sorted(instance.app.amqp.queues.consume_from)))
    _this.introduce()


def keep_up(**_: Any) -> None:
    presence().keep_up()


def warm(**_: Any) -> None:
    """In the child: load the champion first. An error is logged and met again, visibly, by the first job."""
    this = presence()
    model = device = ""
    if serving := SERVING.get(this.queue):
        this.now(WorkerHeartbeat.State.WARMING)
        try:
            device, model = serving.load(), serving.name()
        except Exception as error:
            log.error("warming_failed", worker=this.name, error=sentence(error))
    gc.collect()
    gc.freeze()  # what is loaded stays: going through it again and again costs a worker of events a third of its time
    this.now(WorkerHeartbeat.State.READY, model=model, device=device)


def model_name(queue: str) -> str:
    """The model that the next batch of a queue is done with; "" where the queue has none."""
    serving = SERVING.get(queue)
    return serving.name() if serving else ""


def leave(**_: Any) -> None:
    presence().leave()


def left(**_: Any) -> None:
    presence().left()


setup_logging.connect(keep_logging)
celeryd_after_setup.connect(introduce)
worker_ready.connect(keep_up)
worker_process_init.connect(warm)
worker_shutting_down.connect(leave)
worker_shutdown.connect(left)
