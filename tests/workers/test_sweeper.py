"""What one round of the sweeper puts right."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.conftest import RedisServer
from tests.workers.rows import claimed, expire, make_job
from workers import jobs, sweeper
from workers.celery import app
from workers.models import LOST_TOO_OFTEN, Job, WorkerHeartbeat

pytestmark = pytest.mark.django_db
Status = Job.Status


def messages(redis: RedisServer, queue: str = "inference") -> int:
    return int(redis.client.llen(f"caseloop:{queue}"))


def test_an_expired_lease_puts_the_job_back_and_remembers_the_loss() -> None:
    claimed(1)
    expire()
    sweeper.take_back_lost_jobs()
    job = Job.objects.get()
    assert (job.status, job.lost_leases, job.attempts, job.token) == (Status.QUEUED, 1, 1, "")


def test_a_live_lease_is_left_alone() -> None:
    claimed(1)
    sweeper.take_back_lost_jobs()
    assert Job.objects.get().status == Status.RUNNING


def test_a_job_that_lost_its_last_attempt_fails_visibly() -> None:
    claimed(1, max_attempts=1)
    expire()
    sweeper.take_back_lost_jobs()
    job = Job.objects.get()
    assert (job.status, job.error) == (Status.FAILED, LOST_TOO_OFTEN)


def test_a_lost_job_that_was_to_be_cancelled_is_cancelled() -> None:
    [job] = claimed(1).jobs
    jobs.cancel(job)
    expire()
    sweeper.take_back_lost_jobs()
    assert Job.objects.get().status == Status.CANCELLED


def test_a_second_sweeper_changes_nothing() -> None:
    claimed(1)
    expire()
    sweeper.take_back_lost_jobs()
    before = list(Job.objects.values())
    sweeper.take_back_lost_jobs()
    assert list(Job.objects.values()) == before


def test_queues_with_waiting_jobs_are_rung_once_however_often_it_sweeps(redis_server: RedisServer) -> None:
    make_job(1)
    make_job(2, queue="training")
    make_job(3, queue="events", status=Status.DONE)
    for _ in range(3):
        sweeper.ring_waiting_queues()
    assert [messages(redis_server, queue) for queue in ("inference", "training", "events")] == [1, 1, 0]


def test_a_message_names_its_queue_and_nothing_else(redis_server: RedisServer) -> None:
    make_job(987654)
    sweeper.ring_waiting_queues()
    with app.connection_for_read() as connection:
        message = app.amqp.queues["inference"](connection.channel()).get(no_ack=True)
    args, kwargs, _ = message.decode()
    assert (list(args), kwargs) == (["inference"], {})
    assert "987654" not in message.body.decode() if isinstance(message.body, bytes) else message.body


def test_a_step_that_fails_does_not_keep_the_others_from_running(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise KeyError

    monkeypatch.setattr(sweeper, "HOOKS", (broken, *sweeper.HOOKS))
    monkeypatch.setattr(app.conf, "broker_url", "redis+socket:///nowhere/redis.sock")
    claimed(1)
    make_job(2)
    expire()
    sweeper.sweep()
    assert Job.objects.get(object_id=1).status == Status.QUEUED


def test_old_workers_are_forgotten_but_for_the_last_one_of_each_queue() -> None:
    for name, queue, days in [("a", "inference", 3), ("b", "inference", 2), ("c", "training", 5), ("d", "events", 0)]:
        at = timezone.now() - timedelta(days=days)
        WorkerHeartbeat.objects.create(name=name, queue=queue, seen_at=at)
    sweeper.forget_old_workers()
    assert set(WorkerHeartbeat.objects.values_list("name", flat=True)) == {"b", "c", "d"}


def test_a_lease_of_before_the_clock_was_set_back_is_over() -> None:
    """No lease is that long: whoever lives has renewed it by the new time."""
    claimed(1)
    assert not Job.objects.expired().exists()
    Job.objects.update(lease_until=timezone.now() + timedelta(hours=1))
    sweeper.take_back_lost_jobs()
    assert Job.objects.get().status == Job.Status.QUEUED
