"""Files that come with a report: checked, kept under names that tell nothing, and sent as downloads only."""

import hashlib
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import policy
from incidents.file_kinds import clean_name, content_type_of
from incidents.models import Attachment, Incident, User
from incidents.models.conversation import attachment_path
from incidents.services import audit, reporter_messages
from incidents.services.filing import Filed, FiledReport, file_incident

MOST = 10  # of one report
ATTACHED = "incident.attached"


def check(files: "Sequence[UploadedFile[bytes]]", *, there: int = 0) -> None:
    """Raises ValidationError with a sentence for each file that is not taken. `there`: how many the report has."""
    problems = [_("A report takes %(most)d files at most.") % {"most": MOST}] if there + len(files) > MOST else []
    for file in files:
        try:
            _check_one(file)
        except ValidationError as error:
            problems += error.messages
    if problems:
        raise ValidationError(problems)


def attach(
    incident: Incident, files: "Sequence[UploadedFile[bytes]]", *, by: User | None, from_reporter: bool
) -> list[Attachment]:
    """Keep files with a report, all or none. Raises ValidationError as `check` does.

    `by` is None for a reporter without an account.
    """
    kept: list[Attachment] = []
    try:
        with transaction.atomic():
            found = Incident.objects.select_for_update().get(pk=incident.pk)  # two at once do not pass the limit
            check(files, there=incident.attachments.count())
            for file in files:
                kept.append(_keep(incident, file, by, from_reporter))
            audit.record(ATTACHED, actor=by, incident=incident, files=len(files))
            if from_reporter and kept:
                reporter_messages.note_answer(found, by)
    except BaseException:
        for attachment in kept:
            attachment.file.delete(save=False)
        raise
    return kept


def file_with_files(
    report: FiledReport, files: "Sequence[UploadedFile[bytes]]", *, reporter: User | None, idempotency_key: str
) -> Filed:
    """File a report of the web form together with its files: all of it is kept, or nothing.

    Who sends the form again after a failure so never finds a report that has lost its files. Raises as
    `file_incident` and `attach` do.
    """
    with transaction.atomic():
        filed = file_incident(report, source=Incident.Source.WEB, reporter=reporter, idempotency_key=idempotency_key)
        if filed.created:
            attach(filed.incident, files, by=reporter, from_reporter=True)
    return filed


def _check_one(file: "UploadedFile[bytes]") -> None:
    name, largest = clean_name(file.name or ""), policy.value("largest_attachment_mb")
    if not file.size:
        raise ValidationError(_("%(name)s is empty. Choose another file.") % {"name": name})
    if file.size > largest * 1024 * 1024:
        raise ValidationError(
            _("%(name)s is larger than %(largest)d MB. Send a part of it, or a smaller picture.")
            % {"name": name, "largest": largest}
        )
    content_type_of(name, file)


def _keep(incident: Incident, file: "UploadedFile[bytes]", by: User | None, from_reporter: bool) -> Attachment:
    name = clean_name(file.name or "")
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return Attachment.objects.create(
        incident=incident,
        file=_stored(incident, file, name),
        name=name,
        content_type=content_type_of(name, file),
        size=file.size or 0,
        sha256=digest.hexdigest(),
        by=by,
        from_reporter=from_reporter,
    )


def _stored(incident: Incident, file: "UploadedFile[bytes]", name: str) -> str:
    """Its place in the storage. What a full disk cuts short is removed again."""
    place = attachment_path(Attachment(incident=incident), name)
    try:
        return default_storage.save(place, file)
    except BaseException:
        default_storage.delete(place)
        raise
