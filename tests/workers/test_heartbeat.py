"""The thread that keeps a lease alive."""

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
