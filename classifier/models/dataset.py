"""What a model learns from: a frozen, hashed list of decided reports."""

from django.db import models
from django.utils import timezone

from incidents.models import Incident, Label, TaxonomyVersion, TextRevision


class DatasetSnapshot(models.Model):
    """The decided reports of one moment: which text, which paths, which side of the split, which weight.

    `content_hash` covers all of it, so two snapshots with one hash train the same model.
    """

    content_hash = models.CharField(max_length=64, unique=True)
    taxonomy_version = models.ForeignKey(TaxonomyVersion, on_delete=models.PROTECT, related_name="snapshots")
    checkable = models.BooleanField(
        default=False, help_text="Its hash follows from its listing; those of earlier releases cover titles in clear."
    )
    path_ids = models.JSONField(help_text="Path ids in the order that models of this snapshot use.")
    counts = models.JSONField(help_text="Reports per split.")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"dataset {self.content_hash[:12]}"


class DatasetRow(models.Model):
    """One report in a snapshot; `paths` are positions in the snapshot's `path_ids`."""

    snapshot = models.ForeignKey(DatasetSnapshot, on_delete=models.CASCADE, related_name="rows")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="dataset_rows")
    text_revision = models.ForeignKey(TextRevision, on_delete=models.CASCADE, related_name="dataset_rows")
    label = models.ForeignKey(
        Label,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The one that stood then; null in snapshots of before this was kept.",
    )
    paths = models.JSONField()
    split = models.CharField(max_length=10, choices=Incident.Split)
    weight = models.FloatField(default=1.0, help_text="How much it counts beside the others, more than 0.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "incident"], name="one_row_per_incident_and_snapshot")
        ]

    def __str__(self) -> str:
        return f"{self.incident} in {self.snapshot}"
