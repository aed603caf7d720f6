"""The forest, threshold and vectors that say which reports are unusual, per encoder."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.models.version import ModelVersion


class AnomalySet(models.Model):
    """building -> serving -> retired. The serving set stays in charge until the next one is complete."""

    class Status(models.TextChoices):
        BUILDING = "building", _("Building")
        SERVING = "serving", _("Serving")
        RETIRED = "retired", _("Retired")

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="anomaly_sets")
    encoder_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status, default=Status.BUILDING)
    folder = models.CharField(
        max_length=500, blank=True, help_text="The forest's artefact, below the folder of models."
    )
    embedded = models.PositiveIntegerField(default=0, help_text="Reports whose vectors are there.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["status"], condition=Q(status=status), name=f"one_{status}_anomaly_set")
            for status in ("building", "serving")
        ]

    def __str__(self) -> str:
        return f"anomaly set of {self.version}"
