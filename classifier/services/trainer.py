"""Running a training: what the job of a run does, from the frozen dataset to the new version."""

import time
import uuid

from django.db import DatabaseError, IntegrityError, InterfaceError, transaction
from django.utils import timezone

from classifier.ml.artifact import ArtifactError
from classifier.ml.config import NO_T5, Progress, TrainingConfig
from classifier.ml.training import fit
from classifier.models import ModelVersion, TrainingRun
from classifier.models.version import models_folder
from classifier.services import evaluation, training, versions
from classifier.services.code import code_version
from classifier.services.run_log import RunLog
from classifier.services.snapshot import training_data
from workers import jobs
from workers.errors import sentence
from workers.jobs import Batch

Status = TrainingRun.Status


def run_training(batch: Batch) -> None:
    """Train, evaluate, and keep the version: the whole of a training job. Safe to run again after a crash.

    A failure of the training itself ends the run as failed, with its reason. Only a lost worker or a database that is
    away is tried again, from the last checkpoint.
    """
    run = TrainingRun.objects.select_related("snapshot", "requested_by").get(pk=batch.object_ids[0])
    if not _begin(run):
        with transaction.atomic():
            return batch.finish()
    log = RunLog(run, batch)
    try:
        version = _train(run, batch, log)
    except jobs.CancelRequested:
        _end(run, Status.CANCELLED)
        raise
    except jobs.StopRequested:
        TrainingRun.objects.filter(pk=run.pk).update(status=Status.QUEUED, stage="waiting for a worker")
        raise
    except (jobs.LeaseLost, DatabaseError, InterfaceError):
        raise
    except Exception as error:
        with transaction.atomic():
            batch.finish()  # first: a worker that has lost its lease has nothing to say about the run any more
            log.failed(error)
            _end(run, Status.FAILED, error=sentence(error))
        return
    finally:
        training.remove_closed_workdirs()
    log.add(f"{version.name} is ready")


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
    run.save(update_fields=["status", "error", "finished_at", "eta_seconds"])


def _train(run: TrainingRun, batch: Batch, log: RunLog) -> ModelVersion:
    config = TrainingConfig(base_model=run.base_model, **run.options)
    workdir = training.workdir_of(run)
    workdir.mkdir(parents=True, exist_ok=True)
    log.add(f"dataset {run.snapshot.content_hash[:12]}: {run.snapshot.counts}")
    started = time.monotonic()
    model = fit(training_data(run.snapshot), config, workdir, log.progress)
    log.progress(Progress("evaluation", "measuring on the test reports, beside the champion"))
    measured = evaluation.measure_on_test(model, run.snapshot, batch.beat)
    _measure_champion(run, batch, log)
    name = versions.free_name(run.base_model)
    folder = f"{name}-{uuid.uuid4().hex[:8]}"
    log.progress(Progress("saving", "writing the artefact"))
    model.save(
        models_folder() / folder,
        dataset_hash=run.snapshot.content_hash,
        code_version=code_version(),
        metrics=measured,
    )
    with transaction.atomic():
        version = ModelVersion.objects.create(
            name=name,
            snapshot=run.snapshot,
            base_model=run.base_model,
            t5_weight=model.weight if run.base_model != NO_T5 else 0.0,
            encoder_hash=model.encoder_hash,
            folder=folder,
        )
        evaluation.record(version, run.snapshot, measured)
        run.version, run.stage, run.step = (
            version,
            f"done in {time.monotonic() - started:.0f} s",
            run.total_steps,
        )
        run.save(update_fields=["version", "stage", "step"])
        batch.finish()
        _end(run, Status.SUCCEEDED)
        log.add(versions.promote_if_due(version, run))
    return version


def _measure_champion(run: TrainingRun, batch: Batch, log: RunLog) -> None:
    """Put the champion beside the new version; one that cannot be read is no reason to lose what was trained."""
    champion = ModelVersion.objects.champion(run.line)
    if champion is None:
        return
    try:
        evaluation.measure_once(champion, run.snapshot, batch.beat)
    except ArtifactError as error:
        log.add(f"{champion.name} could not be measured: {error}")
