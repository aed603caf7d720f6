"""Two versions that are to sit the same test."""

from django.db import models

from classifier.models.dataset import DatasetSnapshot
from classifier.models.version import ModelVersion
from incidents.models.analysis_run import AnalysisRun


class ComparisonRun(AnalysisRun):
    """Somebody has asked to have two versions measured on the test reports of one dataset."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    snapshot = models.ForeignKey(DatasetSnapshot, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.version} beside {self.other} on {self.snapshot}"
