"""Asking for work costs the same whatever the broker does."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.conftest import RedisServer
from workers import doorbell, jobs, status
from workers.celery import app
from workers.models import Job

BOUND_SECONDS = 0.25


@pytest.fixture
def half_open(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A broker whose socket accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        monkeypatch.setattr(app.conf, "broker_url", f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        yield


def seconds_to_enqueue() -> float:
    started = time.monotonic()
    jobs.enqueue("probe", 1, queue="inference", priority=Job.Priority.WEB)
    return time.monotonic() - started


@pytest.mark.django_db(transaction=True)
def test_a_half_open_broker_does_not_delay_a_job(half_open: None) -> None:
    assert max(seconds_to_enqueue() for _ in range(5)) < BOUND_SECONDS
    assert Job.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_not_there_does_not_delay_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.conf, "broker_url", "redis+socket:///nowhere/redis.sock")
    assert max(seconds_to_enqueue() for _ in range(5)) < BOUND_SECONDS
    assert Job.objects.count() == 5


def test_the_page_waits_a_second_at_most_for_a_half_open_broker(half_open: None) -> None:
    started = time.monotonic()
    assert not status.broker_reachable()
    assert time.monotonic() - started < 1.5


def test_a_running_broker_is_reachable(redis_server: RedisServer) -> None:
    assert status.broker_reachable(5)


def test_many_rings_leave_one_message_per_queue(redis_server: RedisServer) -> None:
    bell = doorbell.Doorbell()
    callers = [threading.Thread(target=bell.ring, args=(queue,)) for queue in ("inference", "training") * 20]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert bell.wait_until_rung(10)
    assert redis_server.client.llen("caseloop:inference") == 1
    assert redis_server.client.llen("caseloop:training") == 1
