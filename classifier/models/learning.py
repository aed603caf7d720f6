"""What more labels would bring, as it was last measured."""

from django.db import models

from incidents.models.analysis_run import AnalysisRun


class LearningRun(AnalysisRun):
    """One measuring of the learning curves of all decided reports; the newest finished one is shown."""

    labels = models.PositiveIntegerField(default=0, help_text="Reports with a label that were looked at.")
    curves = models.JSONField(default=list, blank=True, help_text="Curves as they give themselves; empty until done.")

    def __str__(self) -> str:
        return f"learning curve {self.pk}"
