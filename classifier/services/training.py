"""Training: asked for, refused with a reason, run as a job, cancelled, lost and found again."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext

from classifier.ml.config import SMALL_SCRATCH, TrainingConfig
from classifier.models import DatasetSnapshot, TrainingRun
from classifier.models.version import CLASSIFY
from classifier.services.asking import request_telling
from classifier.services.dataset_contents import Contents, DecidedReports
from classifier.services.failures import why_job_failed
from classifier.services.room import NoRoom, refuse_without_room, trains_here
from classifier.services.selection import ALL, Selection
from classifier.services.snapshot import NothingDecided, freeze
from classifier.services.training_estimate import estimate, planned_size
from incidents.models import AuditEvent, Incident, User, Webhook
from workers import jobs
from workers.models import Job

KIND, QUEUE = "train", "training"
MAX_ATTEMPTS = 5  # a run that five workers died of is not tried again by itself
MINIMUM_DECIDED = 20
RESUMABLE = timedelta(days=7)  # a checkpoint of a large base takes gigabytes
UNCHANGED = "the same decided reports, the same base model. Review more reports, or force it."
Status = TrainingRun.Status


class TrainingRefused(Exception):
    """No training was started; the message says why and what to do."""


def request_training(
    *,
    base_model: str = SMALL_SCRATCH,
    requested_by: User | None = None,
    force: bool = False,
    options: dict[str, Any] | None = None,
    promote_if_better: bool = False,
    selection: Selection = ALL,
    trigger: str = TrainingRun.Trigger.PERSON,
    why: str = "",
) -> TrainingRun:
    """Freeze the dataset and queue a run with its job. Raises TrainingRefused.

    `options` are fields of `TrainingConfig`; `force` trains again on a dataset that did not change. A selection that
    changes nothing of the dataset is no change either: the model would be the same. `trigger` and `why` say what asked.
    """
    options = dict(options or {})
    check_options(base_model, options)
    try:
        with transaction.atomic():
            snapshot = freeze(selection)
            contents = DecidedReports().contents(selection)
            _refuse_too_little(snapshot.counts, len(snapshot.path_ids))
            refuse_without_room_here(CLASSIFY, base_model, options, contents)
            if not force:
                refuse_unchanged(snapshot, base_model, options, UNCHANGED)
            return queue_run(
                TrainingRun(
                    snapshot=snapshot,
                    base_model=base_model,
                    options=options,
                    selection=selection.to_json(),
                    contents=contents.to_json(),
                    requested_by=requested_by,
                    promote_if_better=promote_if_better,
                    trigger=trigger,
                    why=why,
                )
            )
    except NothingDecided as error:
        raise TrainingRefused(str(error)) from error


def queue_run(run: TrainingRun) -> TrainingRun:
    """Save a new run of any model line with its job and audit event, in the caller's transaction where there is one.

    Raises TrainingRefused while another run of its line is open.
    """
    try:
        with transaction.atomic():
            run.save()
            AuditEvent.objects.create(
                kind="training.asked_for", actor=run.requested_by, subject=f"{run} ({run.base_model})"
            )
            jobs.enqueue(KIND, run.pk, queue=QUEUE, priority=Job.Priority.WEB, max_attempts=MAX_ATTEMPTS)
    except IntegrityError as error:
        raise TrainingRefused(_already_running(run.line)) from error
    return run


def cancel_training(run: TrainingRun, by: User | None = None) -> bool:
    """Cancel a queued run at once, a running one at its next step; False when it is over already, or nobody's work."""
    job = _job_if_any(run)
    cancelled = job is not None and jobs.cancel(job)
    if cancelled:
        AuditEvent.objects.create(kind="training.cancelled", actor=by, subject=str(run))
    settle_runs()
    return cancelled


def job_of(run: TrainingRun) -> Job:
    return Job.objects.get(kind=KIND, object_id=run.pk)


def _job_if_any(run: TrainingRun) -> Job | None:
    return Job.objects.filter(kind=KIND, object_id=run.pk).first()


def settle_runs() -> int:
    """Bring runs to what became of their jobs: lost while the worker is gone, failed or cancelled with it."""
    changed = 0
    for run in TrainingRun.objects.open():
        job = _job_if_any(run)
        after = _status_after(run, job)
        if after != run.status:
            over = after in {Status.FAILED, Status.CANCELLED}
            fields = {"status": after, "error": why_job_failed(job.error) if job and after == Status.FAILED else ""}
            still_same = TrainingRun.objects.filter(pk=run.pk, status=run.status)
            if still_same.update(**fields, **({"finished_at": timezone.now()} if over else {})):
                changed += 1
                if over:
                    request_telling(Webhook.Event.TRAINED, [run.pk])
    return changed


def workdir_of(run: TrainingRun) -> Path:
    """Where a run keeps its checkpoints."""
    return _workdirs() / str(run.pk)


def has_checkpoint(run: TrainingRun) -> bool:
    return any(workdir_of(run).rglob("epoch-*/state.json"))


def remove_closed_workdirs() -> None:
    """Remove the checkpoints of runs that are over, also those that a crash left behind.

    Those of a line's latest run stay for a week where it failed or was cancelled, since it may be resumed.
    """
    kept = {str(pk) for pk in TrainingRun.objects.open().values_list("pk", flat=True)}
    kept |= {str(run.pk) for run in _resumable()}
    for folder in _workdirs().glob("[0-9]*"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def can_resume(run: TrainingRun) -> bool:
    return run in _resumable() and has_checkpoint(run)


def resume_training(run: TrainingRun, *, by: User | None = None) -> None:
    """Go on with a failed or cancelled run from its last checkpoint. Raises TrainingRefused."""
    if not can_resume(run):
        raise TrainingRefused(gettext("There is nothing left to resume from. Start it again."))
    try:
        with transaction.atomic():
            TrainingRun.objects.filter(pk=run.pk).update(status=Status.QUEUED, error="", finished_at=None)
            if not jobs.do_again(job_of(run)):
                raise TrainingRefused(gettext("This training is resumed already."))
            AuditEvent.objects.create(kind="training.resumed", actor=by, subject=str(run))
    except IntegrityError as error:
        raise TrainingRefused(_already_running(run.line)) from error


def _resumable() -> list[TrainingRun]:
    """The latest run of each line, where it failed or was cancelled within a week."""
    latest = TrainingRun.objects.order_by().values("line").annotate(newest=Max("pk")).values("newest")
    ended = TrainingRun.objects.filter(status__in=[Status.FAILED, Status.CANCELLED], pk__in=latest)
    return list(ended.filter(finished_at__gt=timezone.now() - RESUMABLE))


def _workdirs() -> Path:
    return Path(settings.CASELOOP_HOME) / "training"


def _status_after(run: TrainingRun, job: Job | None) -> str:
    if job is None or job.status == Job.Status.FAILED:
        return Status.FAILED
    if job.status == Job.Status.CANCELLED:
        return Status.CANCELLED
    if run.status == Status.RUNNING and job.status == Job.Status.QUEUED:
        return Status.LOST
    return str(run.status)


def check_options(base_model: str, options: dict[str, Any]) -> None:
    """Raises TrainingRefused unless the options are fields of `TrainingConfig` that fit the base model."""
    try:
        TrainingConfig(base_model=base_model, **options)
    except TypeError as error:
        raise TrainingRefused(gettext("An option of the training is unknown: %(error)s") % {"error": error}) from error
    except ValueError as error:
        raise TrainingRefused(gettext("The training cannot be done as asked: %(error)s.") % {"error": error}) from error


def _refuse_too_little(counts: dict[str, int], labels: int) -> None:
    total = sum(counts.values())
    if total < MINIMUM_DECIDED:
        raise TrainingRefused(
            gettext("%(total)s reports are decided; at least %(least)s are needed. Review some more.")
            % {"total": total, "least": MINIMUM_DECIDED}
        )
    if labels < 2:
        raise TrainingRefused(gettext("All decided reports have the same label; there is nothing to tell apart yet."))
    for split in (Incident.Split.TRAIN, Incident.Split.TEST):
        if not counts.get(split):
            raise TrainingRefused(
                gettext("No decided report fell on the %(side)s side yet. Review some more.")
                % {"side": split.label.lower()}
            )


def refuse_without_room_here(
    line: str, base_model: str, options: dict[str, Any], contents: Contents | None = None
) -> None:
    """Raises TrainingRefused where this machine trains and has too little disk or memory.

    Workers on other machines look themselves when the run begins.
    """
    if not trains_here():
        return
    config = TrainingConfig(base_model=base_model, **options)
    try:
        refuse_without_room(estimate(line, config, planned_size(config, contents) if contents else None))
    except NoRoom as error:
        raise TrainingRefused(str(error)) from error


def refuse_unchanged(snapshot: DatasetSnapshot, base_model: str, options: dict[str, Any], advice: str) -> None:
    """Raises TrainingRefused when such a training has given a version that can be read; `advice` ends the message."""
    same = TrainingRun.objects.filter(
        snapshot=snapshot, base_model=base_model, options=options, status=Status.SUCCEEDED
    ).first()
    if same and same.version and not same.version.artefact_is_lost:
        raise TrainingRefused(
            gettext("Nothing changed since %(version)s was trained: %(advice)s")
            % {"version": same.version, "advice": advice}
        )


def _already_running(line: str) -> str:
    run = TrainingRun.objects.open().filter(line=line).first()
    if run is None:
        return "Another training was started at the same moment. Look at it first."
    state = run.get_status_display().lower()
    return f"Training {run.pk} ({run.base_model}) is {state} already. Wait for it, or cancel it."
