"""A storage of models that does not answer: nothing fails for good, and pages say so."""

# ruff: noqa: F811

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.utils import timezone

from classifier import registry, store
from classifier.models import Explanation, ModelVersion, TrainingRun
from classifier.services import gate, training
from classifier.services.classify import classify_batch
from classifier.services.explaining import explain_batch
from classifier.services.pruning import prune_artefacts
from classifier.services.trainer import run_training
from classifier.services.training import request_training
from classifier.services.versus import versus
from classifier.store import ArtifactUnreachable
from config import env
from incidents.models import Incident, Setting
from tests.builders import make_evaluation, make_incident, make_prediction, make_user, make_version
from tests.classifier.services.conftest import champion, decide_reports, home, run_to_end  # noqa: F401 - fixtures
from workers import jobs, runner, tasks
from workers.models import Job

pytestmark = pytest.mark.django_db


class Shelf(FileSystemStorage):
    """Like S3: where it is away, whatever is asked raises an error of its own."""

    away = False

    def _ask(self) -> None:
        if Shelf.away:
            raise ConnectionError("Could not connect to the endpoint URL")

    def exists(self, name: str) -> bool:
        self._ask()
        return super().exists(name)

    def open(self, name: str, mode: str = "rb") -> Any:
        self._ask()
        return super().open(name, mode)

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        self._ask()
        return super().save(name, content, max_length)

    def delete(self, name: str) -> None:
        self._ask()
        super().delete(name)

    def size(self, name: str) -> int:
        self._ask()
        return super().size(name)


@pytest.fixture(autouse=True)
def shelf(home: Path, tmp_path_factory: Any, settings: Any, monkeypatch: Any) -> Iterator[None]:
    place = {"BACKEND": f"{__name__}.Shelf", "OPTIONS": {"location": str(tmp_path_factory.mktemp("shelf"))}}
    monkeypatch.setattr(store, "shared", lambda: Shelf(**place["OPTIONS"]))
    monkeypatch.setattr(Shelf, "away", False)
    monkeypatch.setattr(store, "_away_until", 0.0)
    yield
    registry._loaded.clear()


def goes_away(*versions: ModelVersion) -> None:
    """The storage, and what this machine had of these versions, as on another one."""
    Shelf.away = True
    for version in versions:
        shutil.rmtree(store.here(version.folder))
    registry._loaded.clear()


def comes_back(monkeypatch: Any) -> None:
    Shelf.away = False
    monkeypatch.setattr(store, "_away_until", 0.0)


def classify_job() -> Job:
    incident = make_incident(title="", text="caller bank code otp", status=Incident.Status.NEW)
    return jobs.enqueue("classify", incident.pk, queue="inference", priority=Job.Priority.WEB)


def run_job(job: Job, service: runner.Service) -> Job:
    batch = jobs.claim_job(job, worker="test")
    assert batch is not None and ArtifactUnreachable in runner.AWAY and tasks.INFERENCE
    runner.run(batch, service)
    job.refresh_from_db()
    return job


def test_an_artefact_that_cannot_be_reached_is_told_in_words_and_is_not_lost(champion: ModelVersion) -> None:
    goes_away(champion)
    assert "does not answer at the moment" in champion.artefact_error and not champion.artefact_is_lost
    with pytest.raises(ArtifactUnreachable):
        registry.load(champion)
    champion.pruned_at = timezone.now()
    assert champion.artefact_is_lost


def test_the_storage_is_not_asked_again_at_once(champion: ModelVersion) -> None:
    goes_away(champion)
    assert champion.artefact_error.endswith("(ConnectionError)")
    Shelf.away = False
    assert "does not answer" in champion.artefact_error


@pytest.mark.parametrize("address", ["/", "/models/", "/status/", "/models/{pk}/"])
def test_pages_say_so(client: Client, champion: ModelVersion, address: str) -> None:
    goes_away(champion)
    client.force_login(make_user(role="admin"))
    page = client.get(address.format(pk=champion.pk))
    assert page.status_code == 200
    assert "does not answer at the moment" in page.content.decode()
    assert "Train a new version" not in page.content.decode()


def test_a_worker_that_has_read_the_model_goes_on(champion: ModelVersion) -> None:
    registry.load(champion)
    Shelf.away = True
    shutil.rmtree(store.here(champion.folder))
    assert run_job(classify_job(), classify_batch).status == Job.Status.DONE


def test_a_job_that_needs_the_model_is_put_off_and_done_once_it_can_be_had(
    champion: ModelVersion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes_away(champion)
    job = classify_job()
    for _ in range(5):
        run_job(job, classify_batch)
        assert (job.status, job.attempts) == (Job.Status.QUEUED, 0) and job.run_after > timezone.now()
        assert "does not answer" in job.error
        Job.objects.update(run_after=None)
    comes_back(monkeypatch)
    assert run_job(job, classify_batch).status == Job.Status.DONE
    assert Incident.objects.get(pk=job.object_id).current_category


def test_what_people_asked_for_is_not_called_impossible(champion: ModelVersion) -> None:
    incident = make_incident(text="caller bank code otp")
    path = Incident.objects.exclude(current_label=None).first().current_label.paths.first()
    prediction = make_prediction(incident, champion, path_ids=[path.pk])
    asked = Explanation.objects.create(prediction=prediction, path=path)
    goes_away(champion)
    job = jobs.enqueue("explain", asked.pk, queue="inference", priority=Job.Priority.WEB)
    assert run_job(job, explain_batch).status == Job.Status.QUEUED
    asked.refresh_from_db()
    assert asked.problem == ""


@pytest.mark.parametrize("measured", [True, False])
def test_no_version_gets_past_the_gate_because_its_rival_is_away(champion: ModelVersion, measured: bool) -> None:
    other = make_version(snapshot=champion.snapshot)
    make_evaluation(other)
    if not measured:
        champion.evaluations.all().delete()
    goes_away(champion)
    verdict = gate.verdict_on(other)
    assert verdict.checks, "the champion still stands"
    assert measured or not verdict.passed


def test_a_training_waits_with_what_it_made(champion: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    decide_reports(30, start=300)
    run = request_training(base_model="none")
    Shelf.away = True
    before = sorted(path.name for path in store.models_folder().iterdir())
    job = run_job(training.job_of(run), run_training)
    run.refresh_from_db()
    assert (run.status, job.status) == (TrainingRun.Status.QUEUED, Job.Status.QUEUED)
    assert sorted(path.name for path in store.models_folder().iterdir()) == before, "nothing half-made is left"
    comes_back(monkeypatch)
    Job.objects.update(run_after=None)
    run_to_end(run)
    assert run.status == TrainingRun.Status.SUCCEEDED


def test_nothing_is_called_removed_while_it_could_not_be(
    champion: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = run_to_end(request_training(base_model="none", force=True)).version
    Setting.objects.create(key="kept_artefacts", value=0)
    Shelf.away = True
    assert prune_artefacts() == 0
    other.refresh_from_db()
    assert other.pruned_at and not other.files_gone
    comes_back(monkeypatch)
    assert prune_artefacts() == 1
    other.refresh_from_db()
    assert other.files_gone


def test_the_size_is_told_also_where_the_artefact_never_was(
    champion: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = champion.artefact_bytes
    other = make_version(snapshot=champion.snapshot)
    shutil.rmtree(store.here(champion.folder))
    assert here and versus(champion, other).one.bytes == here
    store._size_in.cache_clear()
    goes_away()
    assert versus(champion, other).one.bytes is None
    comes_back(monkeypatch)
    assert versus(champion, other).one.bytes == here


def test_pages_do_not_wait_minutes_for_a_storage_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELS_STORAGE", "s3://shelf/caseloop?endpoint=https://s3.example.org")
    config = env.storage("MODELS_STORAGE")["OPTIONS"]["client_config"]
    assert config.connect_timeout * config.retries["total_max_attempts"] < 10
