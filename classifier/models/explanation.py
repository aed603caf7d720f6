"""Which words of a report carried a label."""

from django.db import models
from django.utils import timezone

from classifier.models.prediction import Prediction
from incidents.models import Path


class Explanation(models.Model):
    """What one path of a prediction rests on. It holds places in the text and never a word of it.

    asked (neither words nor problem) -> computed (words, perhaps none) | impossible (problem) -> asked (once more)
    """

    prediction = models.ForeignKey(Prediction, on_delete=models.CASCADE, related_name="explanations")
    path = models.ForeignKey(Path, on_delete=models.PROTECT, related_name="explanations")
    words = models.JSONField(
        null=True,
        help_text="[start, end, nats by the linear expert, nats by T5] per word, the strongest first; "
        "characters of the title and the text as a model reads them.",
    )
    problem = models.CharField(max_length=300, blank=True, help_text="Why it cannot be computed.")
    seconds = models.FloatField(null=True, help_text="Seconds of computing.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prediction", "path"], name="one_explanation_per_prediction_and_path")
        ]

    def __str__(self) -> str:
        return f"explanation of {self.prediction}"

    @property
    def is_computed(self) -> bool:
        return self.words is not None
