"""Running a batch to its end."""

import pytest
from django.db import DataError, OperationalError, transaction

from tests.workers.rows import claimed, expire
from workers import jobs, runner, sweeper
from workers.batch import Batch
from workers.models import Job, WorkerHeartbeat

pytestmark = pytest.mark.django_db
Status = Job.Status


def finish(batch: Batch) -> None:
    with transaction.atomic():
        batch.finish()


def statuses() -> dict[int, str]:
    return dict(Job.objects.values_list("object_id", "status"))


def test_a_service_that_finishes_ends_its_jobs() -> None:
    runner.run(claimed(1, 2), finish)
    assert set(statuses().values()) == {Status.DONE}


def test_only_the_job_that_raises_counts_an_error_and_the_others_are_done() -> None:
    seen: list[list[int]] = []

    def service(batch: Batch) -> None:
        seen.append(batch.object_ids)
        if 2 in batch.object_ids:
            raise KeyError
        finish(batch)

    runner.run(claimed(1, 2, 3), service)
    assert seen == [[1, 2, 3], [1], [2, 3], [2], [3]]
    assert statuses() == {1: Status.DONE, 2: Status.QUEUED, 3: Status.DONE}
    assert Job.objects.get(object_id=2).error.startswith("KeyError in tests/workers/test_runner.py")


def test_results_written_before_the_error_are_not_kept() -> None:
    def service(batch: Batch) -> None:
        with transaction.atomic():
            WorkerHeartbeat.objects.create(name="a result", queue="inference")
            batch.finish()
            raise KeyError

    runner.run(claimed(1), service)
    assert not WorkerHeartbeat.objects.exists()
    assert statuses() == {1: Status.QUEUED}


def test_a_service_that_forgets_to_finish_is_an_error() -> None:
    runner.run(claimed(1), lambda batch: None)
    assert Job.objects.get().error == "Unfinished: the probe service returned without finishing its jobs"


def test_a_service_may_give_its_jobs_back() -> None:
    runner.run(claimed(1), Batch.release)
    assert (Job.objects.get().status, Job.objects.get().attempts) == (Status.QUEUED, 0)


def test_a_stop_gives_the_attempt_back() -> None:
    batch = claimed(1)
    WorkerHeartbeat.objects.create(name=batch.worker, queue="inference", state=WorkerHeartbeat.State.STOPPING)
    runner.run(batch, Batch.beat)
    assert (Job.objects.get().status, Job.objects.get().attempts) == (Status.QUEUED, 0)


def test_a_cancelled_batch_ends_as_cancelled() -> None:
    batch = claimed(1)
    jobs.cancel(batch.jobs[0])
    runner.run(batch, Batch.beat)
    assert statuses() == {1: Status.CANCELLED}


def test_when_one_lease_is_lost_the_rest_of_the_batch_is_free_at_once() -> None:
    def service(batch: Batch) -> None:
        expire(object_id=1)
        sweeper.take_back_lost_jobs()
        finish(batch)

    runner.run(claimed(1, 2), service)
    assert set(Job.objects.values_list("object_id", "status", "attempts", "lost_leases")) == {
        (1, Status.QUEUED, 1, 1),
        (2, Status.QUEUED, 0, 0),
    }


def test_the_end_of_the_process_gives_the_jobs_back_first() -> None:
    def service(batch: Batch) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run(claimed(1), service)
    assert (Job.objects.get().status, Job.objects.get().attempts) == (Status.QUEUED, 0)


def test_what_is_away_puts_jobs_off_together_and_counts_no_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "AWAY", {ConnectionError})
    seen: list[list[int]] = []

    def service(batch: Batch) -> None:
        seen.append(batch.object_ids)
        raise ConnectionError

    runner.run(claimed(1, 2), service)
    assert seen == [[1, 2]]
    for job in Job.objects.all():
        assert (job.status, job.attempts, bool(job.error)) == (Status.QUEUED, 0, True)
    assert not Job.objects.claimable().exists(), "not at once"


@pytest.mark.parametrize(
    ("error", "attempts"), [(OperationalError("the server has gone"), 0), (DataError("the value is too long"), 1)]
)
def test_a_database_that_is_away_counts_no_attempt_and_one_that_refuses_a_value_does(
    error: Exception, attempts: int
) -> None:
    def service(batch: Batch) -> None:
        raise error

    runner.run(claimed(1), service)
    job = Job.objects.get()
    assert (job.status, job.attempts, job.error.split()[0]) == (Status.QUEUED, attempts, type(error).__name__)
