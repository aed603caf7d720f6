"""Real workers, a real Redis, real kills: every job is done exactly once."""

import pytest

from tests.workers.conftest import Site, times_done, wait_for
from tests.workers.kinds import BROKEN, KINDS, POISON
from workers import doorbell, jobs, status
from workers.models import Job, WorkerHeartbeat

pytestmark = pytest.mark.chaos


def enqueue(kind: str, *object_ids: int, queue: str = "inference") -> None:
    jobs.enqueue_many(kind, object_ids, queue=queue, priority=Job.Priority.WEB, max_attempts=3)


def all_over() -> bool:
    """Whether none is open of the kinds of these tests; the sweeper asks for daily ones of its own."""
    return not Job.objects.open().filter(kind__in=KINDS).exists()


def running(kind: str) -> bool:
    return Job.objects.filter(kind=kind, status=Job.Status.RUNNING).exists()


def once_each(*object_ids: int) -> dict[int, int]:
    return dict.fromkeys(object_ids, 1)


def test_a_worker_does_what_is_enqueued_before_and_after_its_start(site: Site) -> None:
    enqueue("count", *range(1, 11))
    worker = site.worker()
    wait_for(all_over, 40)
    enqueue("count", 11)
    wait_for(all_over, 5)
    assert times_done() == once_each(*range(1, 12))
    wait_for(lambda: WorkerHeartbeat.objects.get().state == WorkerHeartbeat.State.READY, 5)
    [seen] = status.workers()
    assert (seen.name, seen.queue, seen.device, seen.model) == ("inference@test", "inference", "cpu", "test-model")
    assert seen.seen
    assert worker.stop() == 0
    assert WorkerHeartbeat.objects.get().state == WorkerHeartbeat.State.STOPPED


def test_a_job_that_raises_fails_alone_and_its_error_quotes_no_text(site: Site) -> None:
    enqueue("count", 11, 12, BROKEN, 14, 15)
    worker = site.worker()
    wait_for(lambda: Job.objects.filter(status=Job.Status.DONE).count() == 4, 40)
    wait_for(lambda: not running("count"), 5)
    broken = Job.objects.get(object_id=BROKEN)
    assert (broken.status, broken.attempts) == (Job.Status.QUEUED, 1)
    assert broken.run_after is not None
    assert broken.error.startswith("ValueError in tests/workers/kinds.py")
    assert times_done() == once_each(11, 12, 14, 15)
    assert "the text of a report" not in worker.log.read_text() + broken.error


def test_a_job_that_kills_its_worker_ends_as_failed_and_takes_nobody_with_it(site: Site) -> None:
    enqueue("count", 1, 2, POISON, 4, 5)
    site.worker()
    wait_for(all_over, 90, sweeping=True)
    poison = Job.objects.get(object_id=POISON)
    assert (poison.status, poison.attempts) == (Job.Status.FAILED, 3)
    assert times_done() == once_each(1, 2, 4, 5)


def test_after_a_killed_worker_each_job_is_done_exactly_once(site: Site) -> None:
    enqueue("slow", *range(1, 13))
    first = site.worker()
    wait_for(lambda: running("slow"), 40)
    first.kill()
    assert running("slow")
    site.worker()
    wait_for(all_over, 60, sweeping=True)
    assert times_done() == once_each(*range(1, 13))


def test_jobs_survive_a_broker_that_is_killed_and_forgets_everything(site: Site) -> None:
    site.worker()
    enqueue("count", 1)
    wait_for(all_over, 40)
    site.redis.kill()
    enqueue("count", 2, 3)
    site.redis.start()
    wait_for(all_over, 60, sweeping=True)
    assert times_done() == once_each(1, 2, 3)


def test_a_graceful_stop_gives_a_long_job_back_with_its_attempt(site: Site) -> None:
    enqueue("endless", 1, queue="training")
    worker = site.worker("training")
    wait_for(lambda: bool(Job.objects.get().progress), 40)
    assert worker.stop(15) == 0
    job = Job.objects.get()
    assert (job.status, job.attempts, job.token) == (Job.Status.QUEUED, 0, "")
    assert job.progress["step"] > 0


def test_a_graceful_stop_lets_a_short_batch_finish(site: Site) -> None:
    enqueue("slow", *range(1, 30))
    worker = site.worker()
    wait_for(lambda: running("slow"), 40)
    assert worker.stop(20) == 0
    assert not running("slow")
    assert times_done() == once_each(*Job.objects.filter(status=Job.Status.DONE).values_list("object_id", flat=True))
    assert Job.objects.filter(status=Job.Status.QUEUED).exists()


def test_a_running_job_that_is_cancelled_stops_at_its_next_beat(site: Site) -> None:
    enqueue("endless", 1, queue="training")
    site.worker("training")
    wait_for(lambda: running("endless"), 40)
    assert jobs.cancel(Job.objects.get())
    wait_for(all_over, 5)
    assert Job.objects.get().status == Job.Status.CANCELLED


def test_the_sweeper_process_ends_at_sigterm_with_success(site: Site) -> None:
    enqueue("count", 1)
    assert doorbell.wait_until_rung(5)
    site.redis.client.flushall()
    sweeper = site.sweeper()
    wait_for(lambda: "queue_rung_again" in sweeper.log.read_text(), 40)
    assert sweeper.stop(10) == 0
