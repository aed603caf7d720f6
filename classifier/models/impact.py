"""What a promotion would change: a challenger's labels beside the champion's, on open and recent reports."""

from typing import Any

from django.db import models

from classifier.models.version import ModelVersion
from incidents.models.analysis_run import AnalysisRun


class ImpactPreviewQuerySet(models.QuerySet["ImpactPreview"]):
    def latest_of(self, version: ModelVersion, champion: ModelVersion | None) -> "ImpactPreview | None":
        """The newest finished one of these two."""
        of_both = self.filter(version=version, champion=champion, status=ImpactPreview.Status.DONE)
        return of_both.order_by("-pk").first()


class ImpactPreview(AnalysisRun):
    """One look. `groups` hold, the most frequent change first, old and new labels, the number of reports, and some of
    them by number as examples; `figures` the counts over all.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="impacts")
    champion = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    figures: Any = models.JSONField(default=dict)
    groups: Any = models.JSONField(default=list)

    objects = ImpactPreviewQuerySet.as_manager()

    def __str__(self) -> str:
        return f"impact of {self.version} in place of {self.champion}"
