"""The worker of the desk, in a test's own process."""

from workers import jobs, runner
from workers.tasks import DESK, HANDLERS


def work_off(queue: str = DESK, batches: int = 1000) -> int:
    """Do what waits in a queue, as a worker does. Returns how many batches were run."""
    limits = {kind: one.limit for kind, one in HANDLERS.items() if one.queue == queue}
    for number in range(batches):
        batch = jobs.claim(queue, worker="test", limits=limits)
        if batch is None:
            return number
        runner.run(batch, HANDLERS[batch.kind].service)
    return batches
