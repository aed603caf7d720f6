"""The picture that pages, metrics and the banner are made from."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tests.workers.rows import claimed, make_job
from workers import context, metrics, status
from workers.models import Job, WorkerHeartbeat

pytestmark = pytest.mark.django_db
State = WorkerHeartbeat.State


def seen(seconds_ago: float, name: str = "inference@test", **overrides: str) -> WorkerHeartbeat:
    at = timezone.now() - timedelta(seconds=seconds_ago)
    fields = {"queue": "inference", "state": State.READY} | overrides
    return WorkerHeartbeat.objects.create(name=name, seen_at=at, **fields)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_kept", (0.0, None))


def banner() -> str:
    return str(context.work_banner(None)["work_banner"])  # type: ignore[arg-type]


def test_queues_show_what_waits_runs_and_failed_and_for_how_long() -> None:
    claimed(1)
    make_job(2, created_at=timezone.now() - timedelta(seconds=90))
    make_job(3)
    make_job(4, status=Job.Status.FAILED)
    make_job(5, status=Job.Status.DONE)
    seen(1, name="training@test", queue="training")
    inference, training = status.queues()
    assert (inference.queued, inference.running, inference.failed) == (2, 1, 1)
    assert inference.oldest_seconds == pytest.approx(90, abs=5)
    assert (training.name, training.queued, training.oldest_seconds) == ("training", 0, None)


def test_a_worker_counts_as_seen_for_thirty_seconds_unless_it_said_good_bye() -> None:
    seen(5, name="a"), seen(60, name="b"), seen(5, name="c", state=State.STOPPED)
    assert [worker.seen for worker in status.workers()] == [True, False, False]


def test_the_banner_is_empty_while_a_worker_is_there() -> None:
    seen(500, name="gone")
    seen(5)
    assert banner() == ""


def test_the_banner_says_how_long_no_worker_has_been_seen() -> None:
    seen(125)
    seen(1, name="training@test", queue="training")
    assert banner().startswith("No worker has been seen for 2 min ")


def test_the_banner_says_that_there_never_was_a_worker() -> None:
    assert banner().startswith("No worker has been seen yet:")


def test_the_banner_asks_the_database_only_every_few_seconds() -> None:
    first = banner()
    seen(1)
    assert banner() == first


def test_the_metrics_are_what_prometheus_reads() -> None:
    claimed(1)
    make_job(2)
    seen(1)
    families = text_string_to_metric_families(metrics.text().decode())
    samples = {(one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples}
    assert samples["caseloop_jobs", "probe", "running"] == 1
    assert samples["caseloop_jobs", "probe", "queued"] == 1
    assert samples["caseloop_workers_seen", "inference"] == 1
    assert 0 <= samples["caseloop_queue_age_seconds", "inference"] < 5
