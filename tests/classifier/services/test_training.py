import json
import shutil

import pytest
from django.db import OperationalError

from classifier import registry
from classifier.ml.artifact import read_manifest
from classifier.models import ModelVersion, TrainingRun
from classifier.services import trainer, training
from classifier.services.training import TrainingRefused, request_training
from tests.builders import make_user
from tests.classifier.services.conftest import decide_reports, run_to_end
from workers import jobs
from workers.models import Job

pytestmark = pytest.mark.django_db
Status = TrainingRun.Status


def test_a_run_ends_with_a_version_an_artefact_and_figures(champion, home):
    run = champion.run
    assert run.status == Status.SUCCEEDED
    assert read_manifest(champion.artefact).dataset_hash == champion.snapshot.content_hash
    figures = {row.part: row.figures for row in champion.evaluations.all()}
    assert set(figures) == {"served", "linear"}
    assert figures["served"]["n"] == champion.snapshot.counts["test"]
    assert figures["served"]["both"]["accuracy"] > 0.6
    assert training.job_of(run).status == Job.Status.DONE
    assert "linear-v1 is ready" in run.log_tail


def test_the_first_version_that_beats_the_majority_is_promoted(champion):
    assert champion.stage == ModelVersion.Stage.CHAMPION
    assert champion.promotions.get().action == "first"


def test_a_later_version_waits_for_a_person_and_sits_the_test_beside_the_champion(champion):
    decide_reports(30, start=200)
    run = run_to_end(request_training(base_model="none"))
    assert run.version.name == "linear-v2"
    assert run.version.stage == ModelVersion.Stage.CHALLENGER
    assert champion.evaluations.filter(snapshot=run.snapshot, part="served").exists()


def test_nothing_changed_is_refused_and_can_be_forced_with_the_same_figures(champion):
    with pytest.raises(TrainingRefused, match="Nothing changed since linear-v1"):
        request_training(base_model="none")
    again = run_to_end(request_training(base_model="none", force=True)).version
    assert again.snapshot == champion.snapshot
    first, second = (version.evaluations.get(part="served").figures for version in (champion, again))
    timing = {"seconds", "reports_per_second"}
    assert {k: v for k, v in first.items() if k not in timing} == {k: v for k, v in second.items() if k not in timing}


def test_one_training_at_a_time(champion):
    running = request_training(base_model="none", force=True)
    with pytest.raises(TrainingRefused, match=f"Training {running.pk} .* queued already"):
        request_training(base_model="none", force=True)


@pytest.mark.parametrize(("count", "said"), [(0, "No report is decided"), (12, "at least 20")])
def test_too_little_to_learn_from_is_refused(home, count, said):
    if count:
        decide_reports(count)
    with pytest.raises(TrainingRefused, match=said):
        request_training(base_model="none")


def test_an_unknown_option_is_refused(home):
    decide_reports()
    with pytest.raises(TrainingRefused, match="option"):
        request_training(base_model="none", options={"speed": 3})


@pytest.mark.parametrize(("options", "said"), [({"seed": "x"}, "seed is 'x'"), ({"epochs": -3}, "epochs is -3")])
def test_an_option_of_the_wrong_kind_or_size_is_refused_by_name(home, options, said):
    with pytest.raises(TrainingRefused, match=f"cannot be done as asked: {said}; it must be"):
        request_training(base_model="none", options=options)


def test_a_queued_run_is_cancelled_at_once_and_makes_room(champion):
    run = request_training(base_model="none", force=True, requested_by=make_user(role="admin"))
    assert training.cancel_training(run)
    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    assert request_training(base_model="none", force=True).status == Status.QUEUED


def test_a_running_run_ends_at_the_next_step_after_cancel(champion):
    run = request_training(base_model="none", force=True)
    batch = jobs.claim_job(training.job_of(run), worker="test")
    training.cancel_training(run)
    with pytest.raises(jobs.CancelRequested):
        trainer.run_training(batch)
    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    assert ModelVersion.objects.count() == 1


def test_a_failure_ends_the_run_with_its_reason(champion):
    run = request_training(base_model="no/such-model", force=True)
    run_to_end(run)
    assert run.status == Status.FAILED
    assert run.error.startswith("the base model 'no/such-model' is no local folder")
    assert training.job_of(run).status == Job.Status.DONE


def test_a_run_whose_worker_is_gone_is_lost_until_another_takes_it(champion):
    run = request_training(base_model="none", force=True)
    batch = jobs.claim_job(training.job_of(run), worker="gone")
    TrainingRun.objects.filter(pk=run.pk).update(status=Status.RUNNING)
    Job.objects.filter(pk=batch.job_ids[0]).update(status="queued", token="", lease_until=None, lost_leases=1)
    training.settle_runs()
    run.refresh_from_db()
    assert run.status == Status.LOST
    assert run_to_end(run).status == Status.SUCCEEDED


def test_a_job_that_lost_every_worker_fails_its_run(champion):
    run = request_training(base_model="none", force=True)
    Job.objects.filter(pk=training.job_of(run).pk).update(status="failed", error="The worker disappeared.")
    training.settle_runs()
    run.refresh_from_db()
    assert (run.status, run.error) == (Status.FAILED, "The worker disappeared.")
    assert run.finished_at


def test_a_finished_run_that_is_delivered_again_changes_nothing(champion):
    run = champion.run
    Job.objects.filter(pk=training.job_of(run).pk).update(status="queued", attempts=0)
    run_to_end(run)
    assert ModelVersion.objects.count() == 1


def gone(version):
    shutil.rmtree(version.artefact)


def of_an_earlier_format(version):
    manifest = version.artefact / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text("utf-8")) | {"format_version": 1}), "utf-8")


def damaged(version):
    (version.artefact / "hybrid.json").write_text("{}", "utf-8")


@pytest.mark.parametrize("harm", [gone, of_an_earlier_format, damaged])
def test_a_champion_that_cannot_be_read_is_replaced_unasked(champion, harm):
    harm(champion)
    registry._loaded.clear()
    decide_reports(30, start=200)
    run = run_to_end(request_training(base_model="none"))
    assert run.status == Status.SUCCEEDED
    assert f"{champion.name} could not be measured" in run.log_tail
    promotion = run.version.promotions.get()
    assert (promotion.replaced, ModelVersion.objects.champion()) == (champion, run.version)
    assert promotion.reason.startswith(f"{champion.name} cannot be read any more, and this version beats the most")


def test_figures_of_before_save_no_champion_that_cannot_be_read(champion):
    of_an_earlier_format(champion)
    run = run_to_end(request_training(base_model="none"))  # nothing has changed, but that one is of no use any more
    assert ModelVersion.objects.champion() == run.version


def test_nothing_that_does_not_beat_the_floor_replaces_even_an_unreadable_champion(champion, monkeypatch):
    gone(champion)
    monkeypatch.setattr("classifier.services.versions.majority_accuracy", lambda figures: 1.0)
    run = run_to_end(request_training(base_model="none", force=True))
    assert ModelVersion.objects.champion() == champion
    assert "not promoted: it does not beat the most frequent category" in run.log_tail


def test_a_database_that_is_away_is_no_failure_of_the_training(champion, monkeypatch):
    def away(*arguments):
        raise OperationalError("database is locked")

    run = request_training(base_model="none", force=True)
    batch = jobs.claim_job(training.job_of(run), worker="test")
    monkeypatch.setattr(trainer, "training_data", away)
    with pytest.raises(OperationalError):
        trainer.run_training(batch)
    run.refresh_from_db()
    assert run.is_open


def test_a_run_whose_failed_job_is_retried_is_opened_again(champion):
    run = request_training(base_model="none", force=True)
    Job.objects.filter(pk=training.job_of(run).pk).update(status="failed", error="The worker disappeared.")
    training.settle_runs()
    jobs.retry(training.job_of(run))
    assert run_to_end(run).status == Status.SUCCEEDED
    assert run.error == ""


def test_checkpoints_of_runs_that_are_over_are_removed_and_those_of_open_runs_kept(champion, home):
    run = request_training(base_model="none", force=True)
    for name in (str(run.pk), "999"):
        (home / "training" / name).mkdir(parents=True)
    training.remove_closed_workdirs()
    assert training.workdir_of(run).is_dir()
    assert not (home / "training" / "999").exists()
