"""Imports that people start from a page or over the API: a job of the desk, which goes on after a kill.

The uploaded file lies where attachments do, and is deleted once the run is over: it holds people's words. The refused
lines, which hold numbers and reasons but no report, are kept beside it as long as the run's row.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TextIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incidents import policy
from incidents.file_kinds import clean_name
from incidents.labels import LabelProblem
from incidents.models import ImportBatch, User
from incidents.services import audit
from incidents.services.import_batches import OpenBatch
from incidents.services.import_lines import FileUnreadable
from incidents.services.import_rows import HEAD, check_columns
from incidents.services.importing import ImportOptions, ImportResult, import_into, record_import
from workers import jobs
from workers.models import Job

IMPORT, DESK_QUEUE = "import_reports", "desk"
MAX_ATTEMPTS = 5
MEGABYTE = 1024 * 1024
Status = ImportBatch.Status


@dataclass(frozen=True)
class ImportWish:
    """What is asked for beside the file; as `ImportOptions`."""

    create_labels: bool = False
    group_column: str = ""
    label_names: Sequence[str] = ()


def start(file: "UploadedFile[bytes]", wish: ImportWish, *, by: User, origin: ImportBatch.Origin) -> ImportBatch:
    """Keep the file and queue the run. Raises ValidationError, and keeps nothing, for a file that is not taken."""
    check(file, wish.group_column)
    options = {
        "create_labels": wish.create_labels,
        "group_column": wish.group_column.strip(),
        "label_names": list(wish.label_names),
        "language": translation.get_language(),
    }
    run = ImportBatch(name=clean_name(file.name or ""), by=by, origin=origin, options=options, status=Status.QUEUED)
    try:
        run.file.save(run.name, file, save=False)  # before the transaction: nobody waits for a large file
        with transaction.atomic():
            run.save()
            audit.record("import.started", actor=by, subject=run.told, size=file.size)
            jobs.enqueue(
                IMPORT, run.pk, queue=DESK_QUEUE, priority=Job.Priority.IMPORT, max_attempts=MAX_ATTEMPTS
            )  # fmt: skip
    except BaseException:
        run.file.delete(save=False)
        raise
    return run


def check(file: "UploadedFile[bytes]", group_column: str = "") -> None:
    """Raises ValidationError for a file that is too large, or that shows by its beginning that it is no such table."""
    largest = policy.value("largest_import_mb")
    if (file.size or 0) > largest * MEGABYTE:
        raise ValidationError({"file": _("The file is larger than %(largest)s MB. Split it.") % {"largest": largest}})
    try:
        check_columns(file.read(HEAD), group_column)
    except FileUnreadable as error:
        raise ValidationError({"file": f"{clean_name(file.name or '')}: {error}"}) from error
    finally:
        file.seek(0)


def cancel(run: ImportBatch, *, by: User) -> bool:
    """Stop a run before its next reports; what was filed stands. False when it is over already."""
    job = job_of(run)
    if not run.is_open or job is None or not jobs.cancel(job):
        return False
    audit.record("import.cancelled", actor=by, subject=run.told)
    settle_imports()
    return True


def job_of(run: ImportBatch) -> Job | None:
    return Job.objects.filter(kind=IMPORT, object_id=run.pk).order_by("-pk").first()


def settle_imports() -> None:
    """Bring runs to what became of their jobs when these were cancelled or failed for good; delete what is left of
    files whose runs are over."""
    for run in ImportBatch.objects.open().exclude(origin=ImportBatch.Origin.COMMAND):
        job = job_of(run)
        if job is None or job.status in (Job.Status.FAILED, Job.Status.CANCELLED):
            cancelled = job is not None and job.status == Job.Status.CANCELLED
            _end(run, Status.CANCELLED if cancelled else Status.FAILED, trouble=job.error if job else "")
    for run in ImportBatch.objects.exclude(file="").exclude(status__in=ImportBatch.OPEN):
        _forget_file(run)


def carry_out(batch: jobs.Batch) -> None:
    """Import the file of a run. Killed and claimed again, it begins anew and files what is missing."""
    run = ImportBatch.objects.select_related("by").get(pk=batch.object_ids[0])
    ended: dict[str, Any] = {}
    # A run that is over stays so, whoever tries its job again: its file is gone.
    if ImportBatch.objects.open().filter(pk=run.pk).update(status=Status.RUNNING):
        with translation.override(run.options.get("language")):
            ended = _imported(run, batch)
    with transaction.atomic():
        batch.finish()
        if ended:
            _end(run, **ended)
    _forget_file(run)


def _imported(run: ImportBatch, batch: jobs.Batch) -> dict[str, Any]:
    """Import, and say how that ended."""
    wish = {name: run.options[name] for name in ("create_labels", "group_column", "label_names")}

    def follow(stage: str, done: int, of: int) -> None:
        batch.beat({"stage": stage, "done": done, "of": of})

    try:
        with _here(run) as path, tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as refused:
            result = import_into(OpenBatch(run.name, run), path, ImportOptions(**wish, refused_to=refused), follow)
            kept = _keep_refused(run, refused) if result.refused else ""
    except jobs.CancelRequested:
        _end(run, Status.CANCELLED)
        _forget_file(run)
        raise
    except (FileUnreadable, LabelProblem) as error:
        return {"status": Status.FAILED, "trouble": f"{run.name}: {error}"}
    return {"status": Status.DONE, "result": result, "refused_file": kept}


@contextmanager
def _here(run: ImportBatch) -> Iterator[Path]:
    """The uploaded file on this machine, wherever the storage keeps it."""
    with tempfile.NamedTemporaryFile(prefix="caseloop-import-") as copy:
        try:
            with run.file.open("rb") as kept:
                shutil.copyfileobj(kept, copy, MEGABYTE)
        except FileNotFoundError as error:
            raise FileUnreadable(
                _("what was uploaded is not where this worker looks: it needs the folder media of the web server.")
            ) from error
        copy.flush()
        yield Path(copy.name)


def _keep_refused(run: ImportBatch, lines: TextIO) -> str:
    """The name of the refused lines in the storage: beside the upload, so that an attempt overwrites the one before."""
    name = f"{run.file.name}-refused"
    lines.flush()
    raw: IO[bytes] = lines.buffer
    raw.seek(0)
    default_storage.delete(name)
    return default_storage.save(name, File(raw))


def _end(
    run: ImportBatch,
    status: ImportBatch.Status,
    *,
    result: ImportResult | None = None,
    refused_file: str = "",
    trouble: str = "",
) -> None:
    """Move an open run to its end, with what is to be told of it."""
    told: dict[str, Any] = {"status": status, "trouble": trouble, "refused_file": refused_file}
    if result is not None:
        told["figures"] = result.to_json()
        if result.taken:
            record_import(run, result, by=run.by)
    ImportBatch.objects.open().filter(pk=run.pk).update(**told, finished_at=timezone.now())


def _forget_file(run: ImportBatch) -> None:
    """Delete the uploaded file of a run that is over; only then the row forgets it, so that none is left behind."""
    over = ImportBatch.objects.filter(pk=run.pk).exclude(status__in=ImportBatch.OPEN)
    if run.file and over.exists():
        run.file.delete(save=False)
        over.update(file="")
