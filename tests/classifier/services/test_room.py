"""Disk and memory are looked at before a training starts."""

import socket
from pathlib import Path

import pytest

from classifier.models import TrainingRun
from classifier.services import room
from classifier.services.training import TrainingRefused, request_training
from classifier.services.training_estimate import Estimate
from tests.classifier.services.conftest import decide_reports, run_to_end
from workers.models import WorkerHeartbeat

LITTLE = Estimate(1.0, 10.0, 10.0, "")
pytestmark = pytest.mark.django_db


def test_a_machine_with_room_lacks_nothing(home: Path) -> None:
    assert room.lacks(LITTLE) == []
    assert room.lacks(Estimate(None, None, None, "")) == []


def test_each_lack_says_how_much_there_is_and_what_to_do(home: Path) -> None:
    disk, memory = room.lacks(Estimate(1.0, 1e9, 1e9, ""))
    assert "The disk has" in disk and "976562.5\u00a0GB" not in disk and "remove old models" in disk
    assert "of memory are free" in memory and "smaller base model" in memory


def test_the_limit_of_a_container_counts(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1048576000\n")
    (tmp_path / "memory.current").write_text("524288000\n")
    monkeypatch.setattr(room, "CGROUP", tmp_path)
    assert room.free_memory_mb() == 500
    (tmp_path / "memory.max").write_text("max\n")
    free = room.free_memory_mb()
    assert free is not None and free > 500


def test_where_the_system_tells_no_memory_none_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MEMINFO", home / "none")
    monkeypatch.setattr(room, "CGROUP", home / "none")
    assert room.free_memory_mb() is None
    assert len(room.lacks(Estimate(1.0, 1e9, 1.0, ""))) == 0


def test_the_memory_of_this_process_is_told() -> None:
    mb = room.process_memory_mb()
    assert mb is not None and 20 < mb < 20_000


def test_a_training_is_refused_before_it_is_queued(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decide_reports()
    monkeypatch.setattr(room, "free_disk_mb", lambda: 100.0)
    with pytest.raises(TrainingRefused, match="The disk has 100\u00a0MB free"):
        request_training(base_model="none")
    assert not TrainingRun.objects.exists()


def test_where_only_other_machines_train_they_look_themselves(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decide_reports()
    monkeypatch.setattr(room, "free_disk_mb", lambda: 100.0)
    WorkerHeartbeat.objects.create(name="training@elsewhere:12", queue="training")
    run = request_training(base_model="none")
    run_to_end(run)
    assert run.status == TrainingRun.Status.FAILED and "The disk has 100\u00a0MB free" in run.error


def test_a_worker_of_this_machine_is_known_by_its_name(home: Path) -> None:
    assert room.trains_here()
    WorkerHeartbeat.objects.create(name="training@elsewhere:12", queue="training")
    assert not room.trains_here()
    WorkerHeartbeat.objects.create(name=f"training@{socket.gethostname()}:12", queue="training")
    assert room.trains_here()
