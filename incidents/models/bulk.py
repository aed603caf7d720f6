"""One verdict for many reports, as a job that can be called off and taken back."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.models.label import Label
from incidents.models.taxonomy import Path


class BulkRun(models.Model):
    """The verdict, for which reports, and how far it is.

    queued -> running -> done | cancelled (what was decided until then stands) | failed
    done | cancelled | failed -> reverting -> reverted (each decision that still stands is undone)
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")
        REVERTING = "reverting", _("Reverting")
        REVERTED = "reverted", _("Reverted")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="bulk_runs")
    query = models.CharField(
        max_length=2000, blank=True, help_text="The list's address: which reports it was asked for."
    )
    verdict = models.CharField(max_length=10, choices=Label.Verdict, blank=True, help_text="Empty: as suggested.")
    paths = models.ManyToManyField(Path, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    total = models.PositiveIntegerField(default=0)
    decided = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0, help_text="Held or decided by somebody else meanwhile.")
    reverted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reverted = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"bulk run {self.pk}"


class BulkItem(models.Model):
    """One report of a bulk run, frozen when it was asked for."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items")
    incident = models.ForeignKey("incidents.Incident", on_delete=models.CASCADE, related_name="+")
    done = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "incident"], name="one_item_per_run_and_incident")]

    def __str__(self) -> str:
        return f"{self.incident_id} in {self.run_id}"
