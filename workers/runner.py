"""Run one claimed batch to its end, whatever that is."""

import time
from collections.abc import Callable

import structlog

from config import outages
from workers.batch import Batch, CancelRequested, LeaseLost, StopRequested
from workers.errors import sentence
from workers.heartbeat import Repeat

log = structlog.get_logger("workers.runner")
Service = Callable[[Batch], None]


# Errors of something outside that is away, for whatever job: these are all put off, and none counts an attempt.
# Beside these, the errors of a database that is away or busy, and of a full disk.
AWAY: set[type[Exception]] = set()


class Unfinished(Exception):
    """A service returned without batch.finish(): its results, if any, were not saved with the job."""


def run(batch: Batch, service: Service) -> None:
    """Run `service` on the batch while a thread renews its lease every 5 s.

    A batch that raises is split in halves, each run again under the same claim, until the job that fails is
    alone: only that one counts an error. A stop gives the attempt back, and so does what is `AWAY`. Raises only
    what is not an Exception
    (the process is to end: the jobs are given back first) and the errors of a database that is away.
    """
    started = time.monotonic()
    with Repeat(lambda: batch.renew() > 0):
        _attempt(batch, service)
    log.info("batch_over", **_names(batch), seconds=round(time.monotonic() - started, 3))


def _attempt(batch: Batch, service: Service) -> None:
    try:
        service(batch)
        if batch.held().exists():
            raise Unfinished(f"the {batch.kind} service returned without finishing its jobs")
    except LeaseLost:
        log.warning("lease_lost", **_names(batch))
        batch.release()
    except StopRequested:
        log.info("batch_given_back", **_names(batch))
        batch.release()
    except CancelRequested:
        log.info("batch_cancelled", **_names(batch))
        batch.cancel()
    except Exception as error:
        if isinstance(error, tuple(AWAY)) or outages.of(error):
            log.warning("batch_put_off", **_names(batch), error=sentence(error))
            return batch.postpone(error)
        log.warning("batch_failed", **_names(batch), error=sentence(error))
        _narrow_down(batch, service, error)
    except BaseException:
        batch.release()
        raise


def _narrow_down(batch: Batch, service: Service, error: Exception) -> None:
    if len(batch.jobs) == 1:
        batch.fail(error)
        return
    for half in batch.halves():
        _attempt(half, service)


def _names(batch: Batch) -> dict[str, object]:
    return {"kind": batch.kind, "job_ids": batch.job_ids, "object_ids": batch.object_ids}
