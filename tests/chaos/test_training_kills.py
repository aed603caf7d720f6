"""A training whose worker is killed or stopped goes on from its last checkpoint and ends with the same model."""

import random
import re
import time
from pathlib import Path
from typing import Any

import pytest

from classifier.ml.artifact import read_manifest
from classifier.models import ModelVersion, TrainingRun
from classifier.services.training import job_of, request_training, resume_training
from classifier.wording import KILLED
from tests.chaos.conftest import Plant, kill_while
from tests.classifier.services.conftest import decide_reports
from tests.workers.conftest import wait_for
from tests.workers.rows import expire
from workers import sweeper
from workers.models import Job

pytestmark = pytest.mark.chaos

Status = TrainingRun.Status
SPEED = {"seconds", "reports_per_second"}
WELL_INTO_THE_NEXT = 0.1  # seconds after a checkpoint was kept


def options(epochs: int) -> dict[str, float]:
    """Small steps, so that an epoch takes its time; slow learning, so that the last epoch is the best and counts."""
    return {"epochs": epochs, "patience": epochs, "batch_reports": 1, "learning_rate": 1e-4}


def between_checkpoints(folder: Path) -> bool:
    """Whether a first checkpoint is kept and the epoch after it is under way."""
    kept = folder / "epoch-1"
    return kept.is_dir() and time.time() - kept.stat().st_mtime > WELL_INTO_THE_NEXT and not writing(folder)


def writing(folder: Path) -> bool:
    """Whether a checkpoint is being written."""
    return any(folder.glob(".epoch-*.writing"))


def over(run: TrainingRun) -> bool:
    run.refresh_from_db()
    return run.status == Status.SUCCEEDED


def epochs_told(run: TrainingRun) -> list[int]:
    """The epochs that ended, over all attempts, in the order in which they did."""
    return [int(number) for number in re.findall(r"epoch (\d+)/", run.log_tail)]


def attempts_told(run: TrainingRun) -> int:
    return run.log_tail.count("dataset ")


def figures(version: ModelVersion) -> dict[str, dict[str, Any]]:
    """What was measured, timing aside."""
    rows = version.evaluations.all()
    return {one.part: {name: value for name, value in one.figures.items() if name not in SPEED} for one in rows}


def digests(version: ModelVersion) -> dict[str, str]:
    """Of the artefact's files, but for the one that holds the seconds that the training took."""
    files = read_manifest(version.artefact).files
    return {name: digest for name, digest in files.items() if name != "hybrid.json"}


def test_a_training_killed_twice_is_lost_then_resumed_and_ends_as_an_undisturbed_one(plant: Plant) -> None:
    decide_reports(150)
    run = request_training(options=options(4))
    folder = plant.home / "training" / str(run.pk)
    kill_while(lambda: between_checkpoints(folder), plant.worker("training"), 180)
    sweeper.sweep()
    run.refresh_from_db()
    assert run.status == Status.RUNNING  # the lease still speaks for the worker
    expire(kind="train")
    plant.sweeper()
    wait_for(lambda: TrainingRun.objects.get().status == Status.LOST, 60)
    assert (job_of(run).status, job_of(run).lost_leases) == (Job.Status.QUEUED, 1)

    kill_while(lambda: writing(folder), plant.worker("training"), 180)
    expire(kind="train")
    plant.worker("training")
    wait_for(lambda: over(run), 180, sweeping=True)
    assert attempts_told(run) == 3
    assert epochs_told(run) == [1, 2, 3, 4]
    assert (job_of(run).status, job_of(run).attempts) == (Job.Status.DONE, 3)
    wait_for(lambda: not folder.exists(), 30)

    undisturbed = request_training(options=options(4), force=True)
    assert undisturbed.snapshot == run.snapshot
    wait_for(lambda: over(undisturbed), 180)
    assert epochs_told(undisturbed) == [1, 2, 3, 4]
    assert set(figures(run.version)) == {"t5", "linear", "served"}
    assert figures(undisturbed.version) == figures(run.version)
    assert digests(undisturbed.version) == digests(run.version)


@pytest.mark.long
def test_a_training_killed_at_ten_random_steps_ends_with_the_figures_of_an_undisturbed_one(plant: Plant) -> None:
    """Five lost workers end a run; a person resumes it from its last checkpoint, and it goes on."""
    decide_reports(300)
    wanted = options(6)
    undisturbed = request_training(options=wanted)
    worker = plant.worker("training")
    wait_for(lambda: over(undisturbed), 400)
    worker.stop(60)
    total = undisturbed.total_steps

    run = request_training(options=wanted, force=True)
    at_steps: list[int] = []
    for target in sorted(random.Random(total).sample(range(20, total - 20), 10)):
        TrainingRun.objects.filter(pk=run.pk).update(step=0)  # what a killed attempt told is over
        kill_while(lambda wanted=target: is_at(run, wanted), plant.worker("training"), 400)
        at_steps.append(TrainingRun.objects.get(pk=run.pk).step)
        expire(kind="train")
        sweeper.sweep()
        run.refresh_from_db()
        if run.status == Status.FAILED:
            assert run.error == KILLED
            resume_training(run)
    assert job_of(run).status == Job.Status.QUEUED
    plant.worker("training")
    wait_for(lambda: over(run), 400, sweeping=True)
    assert attempts_told(run) >= 10 and len(set(at_steps)) == 10, at_steps
    assert ends_of_passes(run) == ends_of_passes(undisturbed)
    assert set(figures(run.version)) == {"t5", "linear", "served"}
    assert figures(run.version) == figures(undisturbed.version)
    assert digests(run.version) == digests(undisturbed.version)


def is_at(run: TrainingRun, step: int) -> bool:
    run.refresh_from_db()
    return run.step >= step


def ends_of_passes(run: TrainingRun) -> list[Any]:
    return [point for point in run.history if point[2] is not None]


@pytest.mark.long
def test_a_training_whose_worker_is_told_to_stop_gives_its_attempt_back_and_goes_on_later(plant: Plant) -> None:
    decide_reports(150)
    run = request_training(options=options(6))
    worker = plant.worker("training")
    wait_for(lambda: between_checkpoints(plant.home / "training" / str(run.pk)), 180)
    assert worker.stop(60) == 0
    run.refresh_from_db()
    assert (run.status, run.stage) == (Status.QUEUED, "waiting for a worker")
    job = job_of(run)
    assert (job.status, job.attempts, job.lost_leases, job.token) == (Job.Status.QUEUED, 0, 0, "")
    assert epochs_told(run)[0] == 1

    plant.worker("training")
    wait_for(lambda: over(run), 180, sweeping=True)
    assert (job_of(run).attempts, job_of(run).lost_leases) == (1, 0)
    assert attempts_told(run) == 2
    assert epochs_told(run) == list(range(1, 7))
