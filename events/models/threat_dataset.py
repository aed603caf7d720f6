"""Which examples a training of the detection model was given, and on which side of the split."""

from django.db import models

from classifier.models import DatasetSnapshot
from events.models.threat import TrainingExample
from incidents.models import Incident


class ThreatDatasetRow(models.Model):
    """One example in a snapshot of the line `detect`. Examples never change, so that the row needs no copy of it."""

    snapshot = models.ForeignKey(DatasetSnapshot, on_delete=models.CASCADE, related_name="threat_rows")
    example = models.ForeignKey(TrainingExample, on_delete=models.PROTECT, related_name="dataset_rows")
    split = models.CharField(max_length=10, choices=Incident.Split)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "example"], name="one_row_per_example_and_snapshot")]

    def __str__(self) -> str:
        return f"{self.example} in {self.snapshot}"
