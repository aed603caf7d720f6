"""The life of a training run in its job, on every model line: begun, called off, failed, or ended with a version."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError, IntegrityError, InterfaceError, transaction
from django.utils import timezone

from classifier import store
from classifier.models import ModelVersion, TrainingRun
from classifier.services import evaluation, training
from classifier.services.asking import request_telling
from classifier.services.evaluation import Measured
from classifier.services.failures import why
from classifier.services.run_log import RunLog
from classifier.store import ArtifactUnreachable
from incidents.models import Webhook
from workers import jobs
from workers.jobs import Batch

Status = TrainingRun.Status
Work = Callable[[TrainingRun, Batch, RunLog], ModelVersion]  # trains, then ends with `keep`
Judge = Callable[[ModelVersion, TrainingRun], str]  # promotes a version where that is due, and says why or why not


@dataclass(frozen=True)
class Made:
    """What a training made: an artefact saved in `folder` below the folder of models, and its figures."""

    name: str
    folder: str
    encoder_hash: str
    t5_weight: float
    measured: Measured


def carry_out(batch: Batch, work: Work) -> None:
    """Do the work of a training job. Safe to run again after a crash.

    A failure of the training itself ends the run as failed, with its reason. Only a lost worker, or a database or a
    storage of models that is away, is tried again, from the last checkpoint.
    """
    run = TrainingRun.objects.select_related("snapshot", "requested_by").get(pk=batch.object_ids[0])
    if not _begin(run):
        with transaction.atomic():
            return batch.finish()
    log = RunLog(run, batch)
    try:
        version = work(run, batch, log)
    except jobs.CancelRequested:
        _end(run, Status.CANCELLED)
        raise
    except jobs.StopRequested:
        TrainingRun.objects.filter(pk=run.pk).update(status=Status.QUEUED, stage="waiting for a worker")
        raise
    except ArtifactUnreachable:
        TrainingRun.objects.filter(pk=run.pk).update(status=Status.QUEUED, stage="waiting for the storage of models")
        raise
    except (jobs.LeaseLost, DatabaseError, InterfaceError):
        raise
    except Exception as error:
        with transaction.atomic():
            batch.finish()  # first: a worker that has lost its lease has nothing to say about the run any more
            log.failed(error)
            _end(run, Status.FAILED, error=why(error))
        return
    finally:
        training.remove_closed_workdirs()
    log.add(f"{version.name} is ready")


def new_folder(name: str) -> tuple[str, Path]:
    """A folder of its own for the artefact of a version of that name: its name, and its place."""
    folder = f"{name}-{uuid.uuid4().hex[:8]}"
    return folder, store.here(folder)


def keep(run: TrainingRun, batch: Batch, log: RunLog, made: Made, judge: Judge) -> ModelVersion:
    """Write the version, its figures, and the end of the run and of its job: all of it, or nothing."""
    store.publish(made.folder)
    with transaction.atomic():
        version = ModelVersion.objects.create(
            line=run.line,
            name=made.name,
            snapshot=run.snapshot,
            base_model=run.base_model,
            t5_weight=made.t5_weight,
            encoder_hash=made.encoder_hash,
            folder=made.folder,
        )
        evaluation.record(version, run.snapshot, made.measured)
        run.version, run.step = version, run.total_steps
        run.stage = f"done in {log.seconds:.0f} s"
        run.save(update_fields=["version", "stage", "step"])
        batch.finish()
        _end(run, Status.SUCCEEDED)
        log.add(judge(version, run))
    return version


def _begin(run: TrainingRun) -> bool:
    """Set the run going; False when it is over, or when another one has taken its place.

    A failed or cancelled run whose job somebody retried is opened again.
    """
    if run.status == Status.SUCCEEDED:
        return False
    run.status, run.error, run.finished_at = Status.RUNNING, "", None
    run.started_at = run.started_at or timezone.now()
    try:
        with transaction.atomic():
            run.save(update_fields=["status", "error", "finished_at", "started_at"])
    except IntegrityError:
        return False
    return True


def _end(run: TrainingRun, status: str, error: str = "") -> None:
    run.status, run.error, run.finished_at, run.eta_seconds = status, error, timezone.now(), None
    with transaction.atomic():
        run.save(update_fields=["status", "error", "finished_at", "eta_seconds"])
        request_telling(Webhook.Event.TRAINED, [run.pk])
