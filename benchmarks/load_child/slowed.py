"""`celery -A benchmarks.load_child.slowed worker ...`: a worker of a machine that is so much smaller.

It rests after each batch, so that it works the share of the time that WORKED_SHARE says. To stop the process instead
would hold what its transaction holds, and on SQLite that is the one writer's place.
"""

import os
import time
from dataclasses import replace

import django

from benchmarks.whole_site import SHARE
from workers.celery import app

django.setup()

from workers.jobs import Batch  # noqa: E402 (models need Django's registry)
from workers.runner import Service  # noqa: E402
from workers.tasks import HANDLERS  # noqa: E402

__all__ = ["app"]
LONGEST_REST = 60.0  # seconds: the first batch has to load its model, which takes no longer on a smaller machine


def _resting(service: Service, share: float) -> Service:
    def work(batch: Batch) -> None:
        began = time.monotonic()
        service(batch)
        time.sleep(min(LONGEST_REST, (time.monotonic() - began) * (1 / share - 1)))

    return work


for kind, handler in HANDLERS.items():
    HANDLERS[kind] = replace(handler, service=_resting(handler.service, float(os.environ[SHARE])))
