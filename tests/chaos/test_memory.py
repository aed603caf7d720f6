"""The memory runs out under a training: it ends with what to do, and its worker goes on."""

import resource
import time
from pathlib import Path

import pytest

from classifier.models import TrainingRun
from classifier.services.training import job_of, request_training
from classifier.wording import KILLED, NO_MEMORY
from tests.chaos.conftest import Plant, child_of, kill_child_while
from tests.chaos.test_training_kills import options, over
from tests.classifier.services.conftest import decide_reports
from tests.workers.conftest import wait_for
from tests.workers.rows import expire
from workers import sweeper
from workers.models import Job

pytestmark = [pytest.mark.chaos, pytest.mark.long]

Status = TrainingRun.Status
SPARE = 4 * 2**20  # what the end of an epoch takes to keep its checkpoint is several times as much


def at_step(run: TrainingRun) -> bool:
    run.refresh_from_db()
    return run.step > 2


def written_memory(pid: int) -> int:
    """Bytes that a process may write to: what RLIMIT_DATA counts."""
    (line,) = (one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmData:"))
    return int(line.split()[1]) * 1024


def test_a_training_that_gets_no_more_memory_fails_with_advice_and_the_worker_does_the_next(plant: Plant) -> None:
    decide_reports(450)
    worker = plant.worker("training")
    run = request_training(options=options(40))
    wait_for(lambda: at_step(run), 240, sweeping=True)
    child = child_of(worker)
    resource.prlimit(child, resource.RLIMIT_DATA, (written_memory(child) + SPARE, resource.RLIM_INFINITY))
    wait_for(lambda: run_ended(run), 240, sweeping=True)
    assert (run.status, run.error) == (Status.FAILED, NO_MEMORY), run.log_tail
    assert worker.process.poll() is None
    resource.prlimit(child_of(worker), resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    linear = request_training(base_model="none")
    wait_for(lambda: over(linear), 240, sweeping=True)


def run_ended(run: TrainingRun) -> bool:
    run.refresh_from_db()
    return run.status in {Status.FAILED, Status.SUCCEEDED}


def test_a_training_whose_process_is_killed_each_time_ends_as_failed_and_names_the_memory(plant: Plant) -> None:
    decide_reports(150)
    worker = plant.worker("training")
    run = request_training(options=options(40))
    for attempt in range(1, 6):
        wait_for(lambda attempt=attempt: begun(run, attempt), 240, sweeping=True)
        time.sleep(0.5)
        kill_child_while(lambda: running(run), worker, 60)
        expire(kind="train")
        sweeper.sweep()
    run.refresh_from_db()
    assert (run.status, run.error) == (Status.FAILED, KILLED)
    assert worker.process.poll() is None


def begun(run: TrainingRun, attempt: int) -> bool:
    run.refresh_from_db()
    return run.log_tail.count("dataset ") >= attempt and running(run)


def running(run: TrainingRun) -> bool:
    return job_of(run).status == Job.Status.RUNNING
