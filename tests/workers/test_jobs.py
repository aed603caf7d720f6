"""Asking for work and taking it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.workers.rows import LIMITS, claim, claimed, make_job
from workers import doorbell, jobs
from workers.models import Job

pytestmark = pytest.mark.django_db
Status = Job.Status


def test_a_job_rings_its_queue_only_once_the_transaction_has_committed(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue("probe", 1, queue="inference", priority=Job.Priority.WEB)
        assert rung == []
    assert rung == ["inference"]


def test_a_job_rolled_back_leaves_no_row() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.enqueue("probe", 1, queue="inference", priority=Job.Priority.WEB)
        raise ZeroDivisionError
    assert not Job.objects.exists()


def test_the_same_idempotency_key_gives_the_same_job() -> None:
    first = jobs.enqueue("probe", 1, queue="inference", priority=0, idempotency_key="report 1")
    again = jobs.enqueue("probe", 1, queue="inference", priority=0, idempotency_key="report 1")
    assert first == again
    assert Job.objects.count() == 1


def test_many_jobs_with_a_key_are_written_once_each() -> None:
    jobs.enqueue_many("probe", range(2500), queue="inference", priority=2, key="import")
    jobs.enqueue_many("probe", range(2501), queue="inference", priority=2, key="import")
    assert Job.objects.count() == 2501


def test_many_jobs_without_a_key_are_all_written() -> None:
    jobs.enqueue_many("probe", [1, 1, 2], queue="inference", priority=2)
    assert Job.objects.count() == 3


def test_jobs_are_claimed_by_priority_then_in_the_order_of_asking() -> None:
    for object_id, priority in enumerate([3, 2, 0, 2, 0]):
        make_job(object_id, priority=priority)
    taken = []
    while batch := claim():
        taken.append(batch.object_ids)
    assert taken == [[2, 4], [1, 3], [0]]


def test_a_batch_takes_no_more_than_its_limit_and_one_kind_only() -> None:
    make_job(1), make_job(2, kind="other"), make_job(3), make_job(4), make_job(5)
    assert [claim().object_ids for _ in range(3)] == [[1, 3, 4], [2], [5]]  # type: ignore[union-attr]
    assert claim() is None


def test_kinds_without_a_limit_and_other_queues_are_left_alone() -> None:
    make_job(1, kind="unknown")
    make_job(2, queue="training")
    assert claim() is None
    assert claim(queue="training") is not None


def test_a_job_that_lost_a_lease_is_claimed_alone() -> None:
    make_job(1, lost_leases=1), make_job(2), make_job(3, lost_leases=1), make_job(4)
    assert [claim().object_ids for _ in range(3)] == [[1], [2, 4], [3]]  # type: ignore[union-attr]


def test_a_job_without_attempts_left_or_not_due_yet_is_not_claimed() -> None:
    make_job(1, attempts=3)
    make_job(2, run_after=timezone.now() + timedelta(minutes=1))
    assert claim() is None
    make_job(3, run_after=timezone.now() - timedelta(minutes=1))
    assert claim() is not None


def test_a_claim_writes_who_has_the_job_and_until_when() -> None:
    make_job(1)
    batch = claim("one@test")
    job = Job.objects.get()
    assert batch is not None
    assert (job.status, job.worker, job.attempts, job.token) == (Status.RUNNING, "one@test", 1, batch.token)
    assert job.lease_until is not None
    assert timedelta(seconds=25) < job.lease_until - timezone.now() < timedelta(seconds=31)


def test_a_given_job_is_claimed_once() -> None:
    job = make_job(1, kind="train", queue="training")
    assert jobs.claim_job(job, worker="command") is not None
    assert jobs.claim_job(job, worker="command") is None


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_the_same_moment_never_share_a_job() -> None:
    jobs.enqueue_many("probe", range(60), queue="inference", priority=0)

    def work(number: int) -> list[int]:
        taken: list[int] = []
        try:
            while batch := jobs.claim("inference", worker=f"{number}@test", limits=LIMITS):
                taken += batch.object_ids
        finally:
            connections.close_all()
        return taken

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(work, range(4)))
    assert sorted(one for share in shares for one in share) == list(range(60))


def test_a_waiting_job_is_cancelled_at_once_and_can_be_retried() -> None:
    job = make_job(1)
    assert jobs.cancel(job)
    assert claim() is None
    assert not jobs.cancel(job)
    assert jobs.retry(job)
    assert claim() is not None


def test_cancelling_a_running_job_asks_it_to_stop() -> None:
    [job] = claimed(1).jobs
    assert jobs.cancel(job)
    job.refresh_from_db()
    assert (job.status, job.cancel_requested) == (Status.RUNNING, True)


def test_a_retried_job_has_all_its_attempts_again_and_no_error() -> None:
    job = make_job(1, status=Status.FAILED, attempts=3, lost_leases=2, error="ValueError")
    assert jobs.retry(job)
    job.refresh_from_db()
    assert (job.status, job.attempts, job.lost_leases, job.error) == (Status.QUEUED, 0, 0, "")
    assert not jobs.retry(job)


def test_the_database_refuses_a_running_job_without_a_lease() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_job(1, status=Status.RUNNING)
