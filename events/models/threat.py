"""What the detection model (line `detect`) says of events, and what it learns from."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.models import ModelVersion
from classifier.models.version import DETECT

__all__ = ["DETECT", "ThreatAnswer", "TrainingExample"]


class ThreatAnswer(models.Model):
    """One answer for all events of one log template and risk band, by one version.

    asked (neither probability nor problem) -> answered | failed (problem)
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="threat_answers")
    template_id = models.BigIntegerField()
    band = models.PositiveSmallIntegerField(help_text="0 to 3: how far above the threshold the event stood.")
    prompt = models.TextField(help_text="What the model reads, made from the first event that asked.")
    probability = models.FloatField(null=True, help_text="Of Threat, 0 to 1.")
    problem = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "template_id", "band"], name="one_answer_per_template_and_band")
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"

    @property
    def is_threat(self) -> bool | None:
        return None if self.probability is None else self.probability >= 0.5


class TrainingExample(models.Model):
    """A prompt and its completion, in the reference's fine-tuning format. Augmented ones are made while training."""

    class Completion(models.TextChoices):
        THREAT = "Threat", _("Threat")
        NORMAL = "Normal", _("Normal")

    class Origin(models.TextChoices):
        VERDICT = "verdict", _("A verdict")
        IMPORT = "import", _("Import")
        DEMO = "demo", _("Synthetic sample")

    digest = models.CharField(max_length=64, unique=True, help_text="Of what it came from, so that it comes once.")
    prompt = models.TextField()
    completion = models.CharField(max_length=10, choices=Completion)
    origin = models.CharField(max_length=10, choices=Origin)
    group = models.CharField(max_length=64, help_text="What always stands on one side of a split: the log entry.")
    label_id = models.BigIntegerField(null=True, blank=True, db_index=True, help_text="The verdict that it rests on.")
    retracted_at = models.DateTimeField(null=True, blank=True, help_text="The verdict was undone.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_example_of_a_verdict_names_it", condition=~Q(origin="verdict") | Q(label_id__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"example {self.pk}"
