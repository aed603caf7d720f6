"""Labels that a model trained without them speaks against."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident, Label
from incidents.models.analysis_run import AnalysisRun


class DoubtRun(AnalysisRun):
    """One look at all decided reports by out-of-fold predictions; the newest finished one is shown."""

    labels = models.PositiveIntegerField(default=0, help_text="Labels looked at.")

    def __str__(self) -> str:
        return f"doubts {self.pk}"


class Doubt(models.Model):
    """One doubted label, with what the out-of-fold prediction says instead.

    open -> kept (a person looked and the label stays) | changed (the report was decided anew)
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        KEPT = "kept", _("Kept")
        CHANGED = "changed", _("Changed")

    run = models.ForeignKey(DoubtRun, on_delete=models.CASCADE, related_name="doubts")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="doubts")
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="doubts")
    quality = models.FloatField(help_text="Self-confidence of the label, 0 (surely wrong) to 1.")
    suggested = models.JSONField(help_text="Numbers of the paths that the prediction holds for right.")
    probability = models.FloatField(
        default=0.0, help_text="Of the first suggested path, by a model that has not seen the label."
    )
    agreeing = models.PositiveSmallIntegerField(
        default=0, help_text="Of the reports worded most like it, those that carry that path."
    )
    neighbours = models.PositiveSmallIntegerField(default=0, help_text="How many of them were looked at.")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "label"], name="one_doubt_per_run_and_label")]
        indexes = [models.Index(fields=["run", "state", "quality"], name="doubt_order")]

    def __str__(self) -> str:
        return f"doubt of {self.label}"
