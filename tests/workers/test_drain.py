"""Draining a queue."""

import pytest
from django.db import transaction

from tests.workers.rows import make_job
from workers import doorbell
from workers.batch import Batch
from workers.drain import Handler, drain
from workers.jobs import Limit
from workers.models import Job, WorkerHeartbeat
from workers.pace import Pace
from workers.presence import Presence

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker() -> Presence:
    one = Presence("one@test", "inference")
    one.introduce()
    return one


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    queues: list[str] = []
    monkeypatch.setattr(doorbell, "ring", queues.append)
    return queues


def finish(batch: Batch) -> None:
    with transaction.atomic():
        batch.finish()


def handlers(batch: int) -> dict[str, Handler]:
    return {"probe": Handler(finish, "inference", Limit(batch=batch)), "train": Handler(finish, "training")}


def test_one_ring_is_enough_for_all_that_waits(worker: Presence, rung: list[str]) -> None:
    for object_id in range(10):
        make_job(object_id)
    assert drain("inference", worker, handlers(batch=4), Pace()) == 3
    assert set(Job.objects.values_list("status", flat=True)) == {Job.Status.DONE}
    assert WorkerHeartbeat.objects.get().state == WorkerHeartbeat.State.READY


def test_work_left_over_is_rung_for_another_worker_until_the_last_batch(worker: Presence, rung: list[str]) -> None:
    for object_id in range(10):
        make_job(object_id)
    drain("inference", worker, handlers(batch=4), Pace())
    assert rung == ["inference", "inference"]


def test_a_queue_does_only_its_own_kinds(worker: Presence, rung: list[str]) -> None:
    make_job(1, kind="train")
    assert drain("inference", worker, handlers(batch=4), Pace()) == 0
    assert Job.objects.get().status == Job.Status.QUEUED


def test_a_worker_that_is_leaving_takes_nothing_more(worker: Presence, rung: list[str]) -> None:
    def leave(batch: Batch) -> None:
        finish(batch)
        WorkerHeartbeat.objects.update(state=WorkerHeartbeat.State.STOPPING)

    make_job(1), make_job(2)
    assert drain("inference", worker, {"probe": Handler(leave, "inference")}, Pace()) == 1
    assert Job.objects.filter(status=Job.Status.QUEUED).count() == 1
    assert WorkerHeartbeat.objects.get().state == WorkerHeartbeat.State.STOPPING
