"""One attempt to train a model, from the click to the version."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.models.dataset import DatasetSnapshot
from classifier.models.version import CLASSIFY, ModelVersion

OPEN = ["queued", "running", "lost"]  # at most one of these per model line


class TrainingRunQuerySet(models.QuerySet["TrainingRun"]):
    def open(self) -> "TrainingRunQuerySet":
        return self.filter(status__in=OPEN)


class TrainingRun(models.Model):
    """queued -> running -> succeeded | failed | cancelled; running -> lost (its worker is gone) -> running again.

    Progress stands here so that pages read it; the lease stands in the Job.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        LOST = "lost", _("Lost")

    class Trigger(models.TextChoices):
        PERSON = "person", _("A person")
        LABELS = "labels", _("New decisions")
        SCHEDULE = "schedule", _("Schedule")
        DRIFT = "drift", _("Drift")

    line = models.CharField(max_length=80, default=CLASSIFY)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    snapshot = models.ForeignKey(DatasetSnapshot, on_delete=models.PROTECT, related_name="runs")
    base_model = models.CharField(max_length=300)
    options = models.JSONField(default=dict, blank=True)
    selection = models.JSONField(default=dict, blank=True, help_text="What counts less or nothing; {}: all in full.")
    contents = models.JSONField(default=dict, blank=True, help_text="What that left in the dataset, and left out.")
    promote_if_better = models.BooleanField(default=False)
    rebuild_of = models.ForeignKey(
        ModelVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="rebuilds",
        help_text="The version whose dataset and options it repeats.",
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    trigger = models.CharField(max_length=10, choices=Trigger, default=Trigger.PERSON)
    why = models.CharField(max_length=300, blank=True, help_text="Of a trigger: why it was due.")
    version = models.OneToOneField(ModelVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="run")

    stage = models.CharField(max_length=60, blank=True)
    step = models.PositiveIntegerField(default=0)
    total_steps = models.PositiveIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=0)
    epochs = models.PositiveIntegerField(default=0)
    loss = models.FloatField(null=True, blank=True)
    validation_score = models.FloatField(null=True, blank=True)
    eta_seconds = models.FloatField(null=True, blank=True)
    device = models.CharField(max_length=120, blank=True, help_text="What the T5 is computed on.")
    memory_mb = models.FloatField(null=True, blank=True, help_text="Of the process that trains.")
    history = models.JSONField(default=list, blank=True, help_text="[step, loss, validation score or null], in order.")
    measured = models.JSONField(default=dict, blank=True, help_text="What it took, if it ended in one piece.")
    log_tail = models.TextField(blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(status__in=OPEN),
                name="one_open_training_per_line",
            )
        ]

    def __str__(self) -> str:
        return f"training {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN
