"""What a model version said about a report."""

from django.db import models
from django.utils import timezone

from classifier.ml.taxonomy_map import Today
from classifier.models.version import ModelVersion
from incidents.models import Incident, TaxonomyVersion, TextRevision


class Embedding(models.Model):
    """A report's vector in one encoder's space: float16 bytes, unit length."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="embeddings")
    text_revision = models.ForeignKey(TextRevision, on_delete=models.CASCADE, related_name="embeddings")
    encoder_hash = models.CharField(max_length=64, db_index=True)
    vector = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["text_revision", "encoder_hash"], name="one_embedding_per_text_and_encoder")
        ]

    def __str__(self) -> str:
        return f"embedding of {self.text_revision}"


class Prediction(models.Model):
    """A distribution over all paths (float16, in the order of the version's snapshot) and what follows from it.

    Appended, never changed: numbers of paths are those of its taxonomy version. `present.say_today` reads it in the
    taxonomy of today, in memory alone, and leaves the distribution of today in `today`.
    """

    today: Today | None = None

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="predictions")
    text_revision = models.ForeignKey(TextRevision, on_delete=models.CASCADE, related_name="predictions")
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="predictions")
    taxonomy_version = models.ForeignKey(TaxonomyVersion, on_delete=models.PROTECT, related_name="predictions")
    embedding = models.ForeignKey(Embedding, null=True, on_delete=models.SET_NULL, related_name="predictions")
    distribution = models.BinaryField()
    path_ids = models.JSONField(help_text="The decided paths, most probable first.")
    candidate_ids = models.JSONField(
        default=list, help_text="Paths among which the true ones are, with the coverage promised; most probable first."
    )
    confidence = models.FloatField(help_text="Calibrated probability that the decided set is exactly right.")
    candidate_categories = models.JSONField(
        default=list, help_text="As candidate_ids, one level up: sets of categories, each joined by ' or '."
    )
    coverage = models.FloatField(
        null=True, help_text="Promised share of reports whose true paths are among the candidates."
    )
    category_confidence = models.FloatField(
        null=True, help_text="Calibrated probability that the decided categories are exactly right."
    )
    only_category = models.BooleanField(default=False, help_text="Unsure of the path, but sure of its categories.")
    unsure = models.BooleanField(help_text="The confidence was below the threshold that stood then.")
    threshold = models.FloatField()
    anomaly = models.FloatField(null=True, help_text="Percentile of earlier reports, 0 to 100.")
    seconds = models.FloatField(help_text="Seconds of computing for this report, its share of the batch.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["text_revision", "version"], name="one_prediction_per_text_and_version")
        ]

    def __str__(self) -> str:
        return f"{self.version} on {self.incident}"
