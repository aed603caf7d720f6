"""A worker's own row."""

import time
from collections.abc import Callable

import pytest

from tests.workers.rows import claimed
from workers.models import Job, WorkerHeartbeat
from workers.presence import Presence

State = WorkerHeartbeat.State
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker() -> Presence:
    one = Presence("one@test", "inference")
    one.introduce()
    return one


def state() -> str:
    return WorkerHeartbeat.objects.get().state


def soon(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_a_worker_introduces_itself_anew_at_each_start(worker: Presence) -> None:
    worker.now(State.READY, device="cpu", model="first")
    Presence("one@test", "inference").introduce()
    row = WorkerHeartbeat.objects.get()
    assert (row.state, row.device, row.model) == (State.STARTING, "", "")


def test_a_worker_that_is_leaving_stays_so_whatever_its_child_says(worker: Presence) -> None:
    assert not worker.is_leaving()
    worker.leave()
    assert soon(worker.is_leaving)
    worker.now(State.READY)
    assert state() == State.STOPPING


def test_what_a_worker_still_held_goes_back_with_its_attempt_when_it_has_left(worker: Presence) -> None:
    claimed(1)
    worker.left()
    assert state() == State.STOPPED
    job = Job.objects.get()
    assert (job.status, job.attempts, job.token) == (Job.Status.QUEUED, 0, "")
