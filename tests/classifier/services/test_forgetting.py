"""Versions that learned from erased reports: an artefact without the words takes the place of the one with them."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from classifier import registry, store
from classifier.models import DatasetRow, ErasedLearning, ModelVersion
from classifier.services import forgetting
from classifier.services.forgetting import (
    StillLearning,
    clean,
    snapshots_with,
    stop_trainings,
    take_out_rows,
    texts_left,
)
from classifier.services.model_card import card_of
from classifier.services.training import request_training, workdir_of
from events.services.erasing import request_erasure
from incidents.models import Erasure, Incident
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def learned(champion: ModelVersion) -> ErasedLearning:
    """The champion, marked, with one of its training reports out of its dataset."""
    row = champion.snapshot.rows.filter(split="train").order_by("pk").first()
    assert row is not None
    text = row.text_revision
    text.text = f"{text.text} xylofonist"
    text.save()
    erasure = request_erasure([row.incident_id], reason="x", by=None)
    assert take_out_rows(erasure) == 1
    return ErasedLearning.objects.select_related("version__snapshot").get()


def test_the_version_points_to_a_clean_folder_and_the_old_one_is_gone(learned: ErasedLearning, home: Path) -> None:
    before = learned.version.folder
    clean(learned, texts_left)
    version = ModelVersion.objects.get(pk=learned.version_id)
    assert (learned.state, version.folder) == ("cleaned", f"{before}~1")
    assert not store.here(before).exists() and version.artefact_error == ""


def test_a_worker_takes_the_clean_one_and_lets_go_of_the_other(learned: ErasedLearning) -> None:
    before = learned.version.folder
    registry.load(learned.version)
    clean(learned, texts_left)
    registry.load(ModelVersion.objects.get(pk=learned.version_id))
    assert before not in registry._loaded and f"{before}~1" in registry._loaded


def test_killed_between_the_two_folders_it_goes_on(learned: ErasedLearning, monkeypatch: pytest.MonkeyPatch) -> None:
    before = learned.version.folder
    with monkeypatch.context() as once, pytest.raises(KeyboardInterrupt):
        once.setattr(forgetting, "_remove_superseded", lambda learning: (_ for _ in ()).throw(KeyboardInterrupt))
        clean(learned, texts_left)
    assert store.here(before).exists()
    again = ErasedLearning.objects.select_related("version__snapshot").get()
    clean(again, texts_left)
    assert (again.state, again.version.folder, store.here(before).exists()) == ("cleaned", f"{before}~1", False)


def test_a_second_erasure_makes_the_next_folder(learned: ErasedLearning) -> None:
    clean(learned, texts_left)
    assert store.succeeding("linear-v1~9") == "linear-v1~10"
    assert store.succeeded("linear-v1~3") == ["linear-v1~2", "linear-v1~1", "linear-v1"]
    assert store.succeeded("linear-v1") == []


def test_what_cannot_be_read_is_deleted_and_says_so(learned: ErasedLearning) -> None:
    (store.here(learned.version.folder) / "hybrid.json").write_text("{}")
    clean(learned, texts_left)
    version = ModelVersion.objects.get(pk=learned.version_id)
    assert (learned.state, version.files_gone, store.here(version.folder).exists()) == ("deleted", True, False)


def test_the_card_says_from_how_many_erased_reports_it_learned(learned: ErasedLearning) -> None:
    told = " ".join(card_of(learned.version).limits)
    assert "Learned from 1 reports that are erased since" in told


def test_with_a_shared_store_it_is_the_clean_one_that_machines_fetch(
    learned: ErasedLearning, home: Path, settings: Settings
) -> None:
    settings.STORAGES = settings.STORAGES | {
        "models": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(home / "shared")},
        }
    }
    before = learned.version.folder
    store.publish(before)
    clean(learned, texts_left)
    assert not (home / "shared" / before).exists() or not list((home / "shared" / before).rglob("*.json"))
    after = ModelVersion.objects.get(pk=learned.version_id).folder
    assert (home / "shared" / after / "manifest.json").is_file()
    # Another machine, with its own copy of what is superseded.
    store.here(after).rename(store.here(before))
    store.fetched(after)
    assert store.here(after).is_dir() and not store.here(before).exists()


def test_an_open_training_is_stopped_and_its_checkpoints_go(champion: ModelVersion) -> None:
    run = request_training(base_model="none", force=True)
    workdir_of(run).mkdir(parents=True)
    row = DatasetRow.objects.filter(snapshot=run.snapshot).order_by("pk").first()
    assert row is not None
    erasure = request_erasure([row.incident_id], reason="x", by=None)
    tomorrow = timezone.now() + timedelta(days=1)
    Job.objects.filter(kind="train", object_id=run.pk).update(status="running", token="t", lease_until=tomorrow)
    type(run).objects.filter(pk=run.pk).update(status="running")
    with pytest.raises(StillLearning, match=f"Training {run.pk}"):
        stop_trainings(snapshots_with(erasure))
    assert Job.objects.get(kind="train", object_id=run.pk).cancel_requested
    Job.objects.filter(kind="train", object_id=run.pk).update(status="cancelled", token="", lease_until=None)
    stop_trainings_after_it_ended(erasure)
    assert not workdir_of(run).exists()


def stop_trainings_after_it_ended(erasure: Erasure) -> None:
    forgetting.cancel_training(forgetting.TrainingRun.objects.open().get())  # brings it to what became of its job
    stop_trainings(snapshots_with(erasure))


def test_a_tombstone_is_in_no_later_dataset(champion: ModelVersion) -> None:
    incident = Incident.objects.filter(split="train").first()
    assert incident is not None
    request_erasure([incident.pk], reason="x", by=None)
    run = request_training(base_model="none")
    assert not run.snapshot.rows.filter(incident=incident).exists()
