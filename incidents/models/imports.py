"""Files of reports that are taken in."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def uploaded_path(batch: "ImportBatch", filename: str) -> str:
    """A name that tells nothing and cannot be guessed; what the sender called the file stands in the row alone."""
    return f"imports/{uuid.uuid4().hex}"


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def open(self) -> "ImportBatchQuerySet":
        return self.filter(status__in=ImportBatch.OPEN)


class ImportBatch(models.Model):
    """One import of one file; its reports name it, so that a training can leave them out together.

    queued -> running -> done | failed | cancelled (what was filed until then stands)

    One of the command line is there, and running, from its first report on; it has no uploaded file and no job.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Origin(models.TextChoices):
        PAGE = "page", _("Page")
        API = "api", _("API")
        COMMAND = "command", _("Command line")

    OPEN = (Status.QUEUED, Status.RUNNING)

    name = models.CharField(max_length=200, help_text="Of the file.")
    created_at = models.DateTimeField(default=timezone.now)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.COMMAND)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    options = models.JSONField(default=dict, blank=True, help_text="What was asked for; empty for the command line.")
    file = models.FileField(
        upload_to=uploaded_path, max_length=200, blank=True, help_text="As it was uploaded; gone once the run is over."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.DONE)
    figures = models.JSONField(
        default=dict, blank=True, help_text="An ImportResult once it is done; until then the labels that it created."
    )
    refused_file = models.FileField(max_length=200, blank=True, help_text="Every refused line and its reason, as CSV.")
    trouble = models.TextField(blank=True, help_text="Why it failed, in the language of whoever started it.")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"

    @property
    def told(self) -> str:
        """As the audit tells it: the name of a file is what somebody typed."""
        return f"import {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN
