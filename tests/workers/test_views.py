"""/status/, /metrics, /healthz."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from classifier.models import Promotion
from incidents.models import AuditEvent
from incidents.roles import ADMIN, ANALYST, REPORTER
from tests.builders import make_user, make_version
from workers.models import Job, WorkerHeartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    from workers.celery import app

    missing = tmp_path_factory.mktemp("none") / "redis.sock"
    monkeypatch.setattr(app.conf, "broker_url", f"redis+socket://{missing}")


def failed_job() -> Job:
    return Job.objects.create(
        kind="classify",
        object_id=7,
        queue="inference",
        priority=0,
        status="failed",
        attempts=3,
        max_attempts=3,
        error="RuntimeError: the model could not be read",
    )


def test_status_needs_an_analyst(client: Client) -> None:
    assert client.get("/status/").headers["Location"] == "/accounts/login/?next=/status/"
    client.force_login(make_user(role=REPORTER))
    assert client.get("/status/").status_code == 403


def test_a_fresh_installation_is_no_error(client: Client) -> None:
    client.force_login(make_user(role=ANALYST))
    page = client.get("/status/").content.decode()
    assert "Not trained yet" in page
    assert "No worker has ever run here" in page


def test_a_champion_that_cannot_be_read_does_not_serve(client: Client, caseloop_home: Path) -> None:
    make_version(stage="champion")
    client.force_login(make_user(role=ANALYST))
    page = client.get("/status/").content.decode()
    assert "Cannot be read" in page and "train or restore the version" in page
    assert "Serving" not in page


def test_a_broker_that_does_not_answer_is_said_with_what_it_means(client: Client) -> None:
    client.force_login(make_user(role=ANALYST))
    page = client.get("/status/").content.decode()
    assert "Does not answer" in page
    assert "Nothing is lost" in page


def test_a_broker_that_answers_is_said_to(client: Client, redis_server: object) -> None:
    client.force_login(make_user(role=ANALYST))
    assert client.get("/status/").context["snapshot"].broker_reachable


def test_workers_queues_and_the_champion_are_named(client: Client) -> None:
    champion = make_version(stage="champion", name="classify-of-today")
    Promotion.objects.create(action="first", version=champion, by=make_user("augusta"))
    WorkerHeartbeat.objects.create(name="inference@host", queue="inference", state="warming")
    failed_job()
    client.force_login(make_user(role=ANALYST))
    page = client.get("/status/").content.decode()
    for words in ("classify-of-today", "by augusta", "inference@host", "Warming", "the model could not be read"):
        assert words in page


def test_only_an_admin_runs_a_failed_job_again(client: Client) -> None:
    job = failed_job()
    client.force_login(make_user(role=ANALYST))
    assert "Run again" not in client.get("/status/").content.decode()
    assert client.post(f"/status/jobs/{job.pk}/retry/").status_code == 403
    client.force_login(make_user(role=ADMIN))
    assert "Run again" in client.get("/status/").content.decode()
    response = client.post(f"/status/jobs/{job.pk}/retry/", follow=True)
    assert "is queued again" in response.content.decode()
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("queued", 0)
    assert AuditEvent.objects.get(kind="job.retried").actor.role == ADMIN


def test_a_job_that_has_not_failed_is_left_alone(client: Client) -> None:
    job = failed_job()
    Job.objects.update(status="done")
    client.force_login(make_user(role=ADMIN))
    response = client.post(f"/status/jobs/{job.pk}/retry/", follow=True)
    assert "has not failed" in response.content.decode()
    job.refresh_from_db()
    assert job.status == "done"


def test_metrics_are_closed_to_strangers_and_reporters(client: Client) -> None:
    assert client.get("/metrics").status_code == 403
    client.force_login(make_user())
    assert client.get("/metrics").status_code == 403


def test_an_analyst_reads_the_metrics(client: Client) -> None:
    failed_job()
    client.force_login(make_user(role=ANALYST))
    response = client.get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain")
    assert 'caseloop_jobs{kind="classify",status="failed"} 1.0' in response.content.decode()


def test_prometheus_reads_the_metrics_with_the_token_of_the_deployment(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics", headers={"authorization": "Bearer a-long-token"}).status_code == 200
    assert client.get("/metrics", headers={"authorization": "Bearer another"}).status_code == 403


def test_an_unset_token_opens_nothing(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 403


def test_health_is_plain_and_needs_no_account(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_health_fails_while_the_database_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError, connection

    def gone() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", gone)
    client.raise_request_exception = False
    assert client.get("/healthz").status_code == 503
