"""Which done jobs are dropped."""

from datetime import timedelta

import pytest
from django.utils import timezone

from workers import jobs
from workers.drain import HANDLERS
from workers.forgetting import ROUTINE, forget_done_jobs, request_forgetting_jobs
from workers.jobs import Limit
from workers.models import Job
from workers.tasks import INFERENCE

pytestmark = pytest.mark.django_db


def job(kind: str, days: int, status: str = "done") -> Job:
    finished = timezone.now() - timedelta(days=days)
    return Job.objects.create(
        kind=kind, object_id=1, queue=INFERENCE, priority=1, max_attempts=3, status=status, finished_at=finished
    )


def test_only_old_done_jobs_of_what_happens_all_day_go() -> None:
    job("classify", 91)
    kept = [job("classify", 89), job("classify", 400, "failed"), job("train", 400), job("erase", 400)]
    request_forgetting_jobs()
    batch = jobs.claim("desk", worker="test", limits={"forget_jobs": Limit()})
    assert batch is not None
    forget_done_jobs(batch)
    assert list(Job.objects.exclude(kind="forget_jobs").order_by("pk")) == kept
    request_forgetting_jobs()
    assert Job.objects.filter(kind="forget_jobs").count() == 1, "once a day"


def test_every_kind_that_is_named_is_one_that_is_done() -> None:
    assert set(ROUTINE) <= set(HANDLERS)
