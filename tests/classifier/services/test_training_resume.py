"""A training that failed or was cancelled goes on from its last checkpoint, while there is one."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from classifier.models import TrainingRun
from classifier.services import trainer, training
from classifier.services.training import TrainingRefused, can_resume, request_training, resume_training
from incidents.models import AuditEvent
from tests.builders import make_user
from tests.classifier.services.conftest import decide_reports, run_to_end
from workers import jobs

pytestmark = pytest.mark.django_db
Status = TrainingRun.Status


@pytest.fixture
def failed(home: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingRun:
    """A run that trained its T5 for two passes, and could not write its model."""
    decide_reports()
    run = request_training(options={"epochs": 2, "batch_reports": 32})
    with monkeypatch.context() as full:
        full.setattr(trainer, "new_folder", lambda name: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        run_to_end(run)
    assert run.status == Status.FAILED and run.error.startswith("The disk is full")
    return run


def test_it_ends_without_doing_again_what_was_done(failed: TrainingRun) -> None:
    assert can_resume(failed)
    resume_training(failed, by=make_user(role="admin"))
    failed.refresh_from_db()
    assert (failed.status, failed.error) == (Status.QUEUED, "")
    assert AuditEvent.objects.filter(kind="training.resumed").exists()
    told = failed.log_tail.count("epoch ")
    run_to_end(failed)
    assert failed.status == Status.SUCCEEDED and failed.log_tail.count("epoch ") == told
    assert failed.measured == {}, "a run in two pieces tells nothing about how long it takes"
    assert not training.workdir_of(failed).exists()


def test_only_the_latest_of_a_line_keeps_its_checkpoint_and_only_for_a_week(failed: TrainingRun) -> None:
    training.remove_closed_workdirs()
    assert can_resume(failed)
    TrainingRun.objects.update(finished_at=timezone.now() - timedelta(days=8))
    assert not can_resume(failed)
    TrainingRun.objects.update(finished_at=timezone.now())
    run_to_end(request_training(base_model="none"))
    assert not can_resume(failed) and not training.workdir_of(failed).exists()
    with pytest.raises(TrainingRefused, match="nothing left to resume"):
        resume_training(failed)


def test_it_is_resumed_once(failed: TrainingRun) -> None:
    resume_training(failed)
    with pytest.raises(TrainingRefused):
        resume_training(TrainingRun.objects.get())
    assert jobs.claim_job(training.job_of(failed), worker="test") is not None


def test_a_run_without_a_checkpoint_is_started_again_instead(home: Path) -> None:
    decide_reports()
    run = request_training(base_model="none")
    training.cancel_training(run)
    run.refresh_from_db()
    assert not can_resume(run)
