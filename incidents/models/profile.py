"""What all reports are like, as it was last measured."""

from django.db import models

from incidents.models.analysis_run import AnalysisRun


class ProfileRun(AnalysisRun):
    """One measuring of all reports; the newest finished one is shown."""

    figures = models.JSONField(default=dict, blank=True, help_text="A profile as it gives itself; empty until done.")

    def __str__(self) -> str:
        return f"profile {self.pk}"
