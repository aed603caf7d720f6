"""Runs that a job of the queue `analysis` carries out: how far one is, and what went wrong. Reads rows only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from classifier.wording import in_words
from incidents.models.analysis_run import AnalysisRun
from workers.models import Job

QUEUE = "analysis"
QUEUED, RUNNING, DONE, FAILED = AnalysisRun.Status.values
CALLED_OFF = "The work on it was called off."


@dataclass(frozen=True)
class RunState:
    """`status` is queued, running, done or failed; `trouble` says why it failed."""

    status: str
    trouble: str
    progress: Mapping[str, Any]

    @property
    def words(self) -> str:
        """`trouble` in the language that is active."""
        return in_words(self.trouble)

    @property
    def at_work(self) -> bool:
        return self.status in {QUEUED, RUNNING}


def state_of(kind: str, run: AnalysisRun) -> RunState:
    """The run's own word once it is over, else that of its job: a job may fail, or be cancelled, without the run."""
    if run.status in {DONE, FAILED}:
        return RunState(run.status, run.trouble, {})
    job = Job.objects.filter(kind=kind, object_id=run.pk).order_by("-pk").first()
    if job is None or job.status in {Job.Status.FAILED, Job.Status.CANCELLED}:
        return RunState(FAILED, (job.error if job else "") or CALLED_OFF, {})
    return RunState(RUNNING if job.status == Job.Status.RUNNING else QUEUED, job.error, job.progress)
