"""What a shadow says of reports: kept apart from predictions, for it decides nothing and nobody is shown it."""

from django.db import models
from django.utils import timezone

from classifier.models.version import ModelVersion
from incidents.models import Incident, TextRevision


class ShadowPrediction(models.Model):
    """The shadow's decision on one text."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    text_revision = models.ForeignKey(TextRevision, on_delete=models.CASCADE, related_name="shadow_predictions")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="shadow_predictions")
    path_ids = models.JSONField(help_text="The decided paths, most probable first.")
    confidence = models.FloatField()
    unsure = models.BooleanField()
    seconds = models.FloatField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["text_revision", "version"], name="one_shadow_prediction_per_text")
        ]

    def __str__(self) -> str:
        return f"{self.version} in the shadow on {self.incident}"
