"""The thread that keeps a lease alive."""

import os
import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from tests.workers.rows import claimed
from workers.heartbeat import Repeat
from workers.models import Job


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_from_a_thread_while_the_work_says_nothing() -> None:
    batch = claimed(1)
    Job.objects.update(lease_until=timezone.now())
    with Repeat(lambda: batch.renew() > 0, seconds=0.05):
        time.sleep(0.5)
    lease = Job.objects.get().lease_until
    assert lease is not None
    assert lease - timezone.now() > timedelta(seconds=20)


def test_it_goes_on_after_a_database_error_and_stops_when_told_that_nothing_is_left() -> None:
    answers = iter([OperationalError("away"), True, False])
    calls: list[float] = []

    def action() -> bool:
        calls.append(time.monotonic())
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with Repeat(action, seconds=0.01):
        time.sleep(0.5)
    assert len(calls) == 3


def test_no_child_is_made_while_a_call_is_under_way() -> None:
    """It would have the locks of the database's library held for ever."""
    under_way, calls = threading.Event(), threading.Semaphore(0)

    def call() -> None:
        under_way.set()
        calls.release()
        time.sleep(0.02)
        under_way.clear()

    with Repeat(call, seconds=0.001):
        for _ in range(10):
            calls.acquire()
            if (child := os.fork()) == 0:
                os._exit(int(under_way.is_set()))
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
