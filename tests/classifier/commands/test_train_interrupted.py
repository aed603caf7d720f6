"""`manage.py train` after a process that was killed while it trained."""

import json
import signal
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from classifier.management.commands import train
from classifier.models import TrainingRun
from classifier.services import trainer
from classifier.services.training import job_of, request_training
from tests.classifier.commands.conftest import run
from tests.classifier.services.conftest import decide_reports
from workers import jobs
from workers.models import Job

OPTIONS = ["train", "--base-model", "small-scratch", "--epochs", 4, "--json"]


@pytest.fixture
def taken(db, home):
    """A training that a process of somewhere else holds and works on."""
    decide_reports()
    run = request_training(base_model="none")
    jobs.claim_job(job_of(run), worker="train@elsewhere:7", lease=timedelta(seconds=40))
    TrainingRun.objects.update(status=TrainingRun.Status.RUNNING)
    return run


def a_lease_passes_without_a_sign():
    Job.objects.filter(kind="train").update(lease_until=timezone.now() - timedelta(seconds=1))


def wait_for_a_checkpoint(process, folder):
    deadline = time.monotonic() + 120
    while not any(folder.glob("*/epoch-*/state.json")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "no checkpoint within 120 s"
        time.sleep(0.01)


def without_speed(figures):
    return {part: figures[part] and figures[part] | {"reports_per_second": None} for part in ("served", "t5", "linear")}


@pytest.mark.long
def test_a_killed_training_is_gone_on_with_and_gives_the_figures_of_an_undisturbed_one(start, home):
    decide_reports()
    killed = start(*OPTIONS)
    wait_for_a_checkpoint(killed, home / "training")
    killed.kill()
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert TrainingRun.objects.get().status == TrainingRun.Status.RUNNING
    a_lease_passes_without_a_sign()

    out, err = (second := start(*OPTIONS)).communicate(timeout=180)
    assert second.returncode == 0, err
    resumed = json.loads(out)
    interrupted = TrainingRun.objects.get()
    assert f"training {interrupted.pk} (small-scratch) was interrupted; going on from its last checkpoint" in err
    assert (resumed["run"], interrupted.status) == (interrupted.pk, TrainingRun.Status.SUCCEEDED)
    job = job_of(interrupted)
    assert (job.status, job.lost_leases) == (Job.Status.DONE, 1)

    out, err = (third := start(*OPTIONS, "--force")).communicate(timeout=180)
    assert third.returncode == 0, err
    undisturbed = json.loads(out)
    assert undisturbed["run"] != resumed["run"]
    assert undisturbed["dataset"] == resumed["dataset"]
    assert without_speed(undisturbed["figures"]) == without_speed(resumed["figures"])


def test_a_training_whose_process_may_be_alive_is_refused_with_the_seconds_until_it_counts_as_lost(taken):
    ran = run("train", "--base-model", "none", "--json")
    assert ran.code == 3
    assert "by train@elsewhere:7" in ran.json["error"]
    assert "lost in 40 s" in ran.json["error"] or "lost in 39 s" in ran.json["error"]


def test_what_is_gone_on_with_is_the_training_that_was_asked_for_then(taken):
    a_lease_passes_without_a_sign()
    ran = run("train", "--base-model", "none", "--seed", 5, "--json")
    assert (ran.code, ran.json["run"]) == (0, taken.pk)
    assert "other options" in ran.err


def test_a_training_that_every_process_died_of_makes_room_for_a_new_one(taken):
    a_lease_passes_without_a_sign()
    Job.objects.update(attempts=5)
    ran = run("train", "--base-model", "none", "--json")
    assert (ran.code, ran.json["run"] != taken.pk) == (0, True)
    taken.refresh_from_db()
    assert taken.status == TrainingRun.Status.FAILED


def test_a_process_that_was_thought_lost_leaves_the_training_to_the_one_that_took_it_over(taken, monkeypatch):
    def train_while_somebody_takes_over(batch):
        batch.held().update(token="another", worker="train@elsewhere:8")
        trainer.run_training(batch)

    a_lease_passes_without_a_sign()
    monkeypatch.setattr(train, "run_training", train_while_somebody_takes_over)
    ran = run("train", "--base-model", "none", "--json")
    assert (ran.code, "taken over" in ran.json["error"]) == (1, True)
    job = job_of(taken)
    assert (job.status, job.cancel_requested) == (Job.Status.RUNNING, False)
