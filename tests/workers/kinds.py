"""Job kinds for tests. Each writes what it has done to `work_done`, in the transaction that ends the job."""

import os
import signal
import time
from datetime import timedelta

from django.db import connection, transaction

from workers.drain import HANDLERS, Handler
from workers.jobs import Batch, Limit
from workers.lifecycle import SERVING, Serving

POISON = 666  # the object that kills the process that touches it
BROKEN = 13  # the object that raises
SHORT_LEASE = Limit(batch=8, lease=timedelta(seconds=7))


def record(batch: Batch) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO work_done (object_id) VALUES (%s)", [(one,) for one in batch.object_ids])
        batch.finish()


def count(batch: Batch) -> None:
    time.sleep(0.01 * len(batch.jobs))
    if POISON in batch.object_ids:
        os.kill(os.getpid(), signal.SIGKILL)
    if BROKEN in batch.object_ids:
        raise ValueError("the text of a report")
    record(batch)


def slow(batch: Batch) -> None:
    time.sleep(0.5 * len(batch.jobs))
    record(batch)


def endless(batch: Batch) -> None:
    """Beats until it is told to leave, as a training does at each step."""
    step = 0
    while True:
        time.sleep(0.05)
        step += 1
        batch.beat({"step": step})


KINDS = {
    "count": Handler(count, "inference", SHORT_LEASE),
    "slow": Handler(slow, "inference", SHORT_LEASE),
    "endless": Handler(endless, "training", SHORT_LEASE),
}
HANDLERS.update(KINDS)
SERVING["inference"] = Serving(lambda: "cpu", lambda: "test-model")
