"""What the holder of a batch may do, and what it may no longer do once the lease is lost."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from tests.workers.rows import claim, claimed, expire
from workers import jobs, sweeper
from workers.batch import CancelRequested, LeaseLost, StopRequested
from workers.models import Job, WorkerHeartbeat

pytestmark = pytest.mark.django_db
Status = Job.Status


def lose(**conditions: object) -> None:
    expire(**conditions)
    sweeper.take_back_lost_jobs()


def test_finishing_marks_the_jobs_done_with_the_results() -> None:
    batch = claimed(1, 2)
    with transaction.atomic():
        batch.finish()
    assert set(Job.objects.values_list("status", "token", "lease_until")) == {(Status.DONE, "", None)}
    assert not Job.objects.filter(finished_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_finishing_outside_a_transaction_is_refused() -> None:
    batch = claimed(1)
    with pytest.raises(RuntimeError, match="inside the transaction"):
        batch.finish()


def test_one_lost_job_rolls_the_results_of_the_whole_batch_back() -> None:
    batch = claimed(1, 2)
    lose(object_id=2)
    with pytest.raises(LeaseLost), transaction.atomic():
        WorkerHeartbeat.objects.create(name="a result", queue="inference")
        batch.finish()
    assert not WorkerHeartbeat.objects.exists()
    assert not Job.objects.filter(status=Status.DONE).exists()


def test_a_batch_that_was_claimed_again_cannot_be_finished_by_its_first_holder() -> None:
    first = claimed(1)
    lose()
    second = claim("two@test")
    with pytest.raises(LeaseLost), transaction.atomic():
        first.finish()
    assert second is not None
    with transaction.atomic():
        second.finish()
    assert Job.objects.get().status == Status.DONE


def test_a_beat_renews_the_lease_and_stores_the_progress() -> None:
    batch = claimed(1)
    Job.objects.update(lease_until=timezone.now() + timedelta(seconds=1))
    batch.beat({"step": 7})
    job = Job.objects.get()
    assert job.progress == {"step": 7}
    assert job.lease_until is not None
    assert job.lease_until - timezone.now() > timedelta(seconds=20)


def test_beats_within_a_second_write_once_and_the_last_progress_is_not_lost() -> None:
    batch = claimed(1)
    batch.beat({"step": 1})
    batch.beat({"step": 2})
    assert Job.objects.get().progress == {"step": 1}
    with transaction.atomic():
        batch.finish()
    assert Job.objects.get().progress == {"step": 2}


def test_a_beat_says_that_the_lease_is_lost() -> None:
    batch = claimed(1, 2)
    lose(object_id=1)
    with pytest.raises(LeaseLost):
        batch.beat()


def test_a_beat_says_that_the_worker_is_to_stop() -> None:
    batch = claimed(1)
    WorkerHeartbeat.objects.create(name=batch.worker, queue="inference", state=WorkerHeartbeat.State.STOPPING)
    with pytest.raises(StopRequested):
        batch.beat()


def test_a_beat_says_cancelled_only_when_each_job_is() -> None:
    batch = claimed(1, 2)
    jobs.cancel(batch.jobs[0])
    batch.beat()
    jobs.cancel(batch.jobs[1])
    with pytest.raises(CancelRequested):
        claimed_again(batch).beat()


def claimed_again(batch: jobs.Batch) -> jobs.Batch:
    """The same batch without the pause between two beats."""
    return jobs.Batch(batch.jobs, lease=batch.lease)


def test_failing_queues_a_job_again_after_a_pause_that_grows() -> None:
    pauses = []
    batch = claimed(1)
    for _ in range(2):
        batch.fail(ValueError("x"))
        job = Job.objects.get()
        assert job.status == Status.QUEUED
        assert job.run_after is not None
        pauses.append(round((job.run_after - timezone.now()).total_seconds()))
        Job.objects.update(run_after=None)
        again = claim()
        assert again is not None
        batch = again
    assert pauses == [5, 30]


def test_failing_the_last_attempt_ends_the_job_with_its_error() -> None:
    batch = claimed(1, max_attempts=1)
    batch.fail(ValueError("x"))
    job = Job.objects.get()
    assert (job.status, job.token) == (Status.FAILED, "")
    assert job.error.startswith("ValueError")


def test_failing_or_releasing_a_job_that_is_to_be_cancelled_cancels_it() -> None:
    failing, releasing = claimed(1), claimed(2)
    jobs.cancel(failing.jobs[0]), jobs.cancel(releasing.jobs[0])
    failing.fail(ValueError("x"))
    releasing.release()
    assert set(Job.objects.values_list("status", flat=True)) == {Status.CANCELLED}


def test_releasing_gives_the_attempt_back() -> None:
    claimed(1, 2).release()
    assert set(Job.objects.values_list("status", "attempts", "worker")) == {(Status.QUEUED, 0, "")}


def test_halves_share_the_lease_and_are_finished_apart() -> None:
    batch = claimed(1, 2, 3)
    left, right = batch.halves()
    assert (left.object_ids, right.object_ids) == ([1], [2, 3])
    with transaction.atomic():
        left.finish()
    right.beat()
    assert batch.renew() == 2
    with pytest.raises(ValueError, match="no halves"):
        left.halves()
