"""Figures of one model on one frozen test split."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.models.dataset import DatasetSnapshot
from classifier.models.version import ModelVersion
from incidents.models import TaxonomyVersion


class EvaluationManager(models.Manager["Evaluation"]):
    """Reads rows without their outcomes, which are many; whoever asks for them gets them by a query of its own."""

    def get_queryset(self) -> "models.QuerySet[Evaluation]":
        return super().get_queryset().defer("outcomes")


class Evaluation(models.Model):
    """`part` says what was measured: the served blend, or one of its experts alone.

    The rows of one snapshot's test split are the same for every version and part, so figures stand side by side.
    Labels are told in the words of their moment; `classifier.services.outcomes` reads them in those of today.
    """

    class Part(models.TextChoices):
        SERVED = "served", _("Served")
        T5 = "t5", _("T5 alone")
        LINEAR = "linear", _("Linear alone")

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="evaluations")
    snapshot = models.ForeignKey(DatasetSnapshot, on_delete=models.PROTECT, related_name="evaluations")
    part = models.CharField(max_length=8, choices=Part)
    figures = models.JSONField()
    outcomes = models.JSONField(
        null=True,
        help_text="What was decided of each test report (classifier.ml.outcomes); null in rows of earlier releases.",
    )
    taxonomy_version = models.ForeignKey(
        TaxonomyVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="In whose words figures and outcomes tell labels; null where these are not those of reports.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = EvaluationManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "snapshot", "part"], name="one_evaluation_per_version_snapshot_part"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.part} on {self.snapshot}"
