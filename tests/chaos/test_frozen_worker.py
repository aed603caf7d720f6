"""A training worker that is frozen for longer than its lease wakes up beside the one that took over."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from classifier.models import ModelVersion, TrainingRun
from classifier.services.training import job_of, request_training
from tests.chaos.conftest import Plant, freeze_while, whole
from tests.chaos.test_training_kills import between_checkpoints, options, over, writing
from tests.classifier.services.conftest import decide_reports
from tests.workers.conftest import wait_for
from tests.workers.rows import expire
from workers.models import Job

pytestmark = [pytest.mark.chaos, pytest.mark.long]


@pytest.mark.parametrize("moment", [between_checkpoints, writing])
def test_a_worker_that_wakes_up_after_its_lease_throws_its_training_away(
    plant: Plant, moment: Callable[[Path], bool]
) -> None:
    decide_reports(150)
    run = request_training(options=options(4))
    folder = plant.home / "training" / str(run.pk)
    frozen = plant.worker("training")
    freeze_while(lambda: moment(folder), whole(frozen), 180)
    expire(kind="train")
    other = plant.worker("training", "-n", "other@%h")
    wait_for(lambda: over(run), 180, sweeping=True)
    wait_for(lambda: over(run) and "is ready" in run.log_tail, 30)
    told = run.log_tail
    whole(frozen)(signal.SIGCONT)
    wait_for(lambda: "lease_lost" in frozen.log.read_text(), 60)
    assert other.stop(60) == 0
    assert frozen.stop(60) == 0
    run.refresh_from_db()
    assert run.log_tail == told
    assert (run.status, run.version) == (TrainingRun.Status.SUCCEEDED, ModelVersion.objects.get())
    assert (job_of(run).status, job_of(run).attempts) == (Job.Status.DONE, 2)
    assert not folder.exists()
