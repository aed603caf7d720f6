"""Saying again what a version said of a report: the same text, the same artefact."""

from typing import Any

from django.db import models

from classifier.models.prediction import Prediction
from incidents.models.analysis_run import AnalysisRun


class Replay(AnalysisRun):
    """One prediction made anew by the version that made it. `figures`: whether the decision is the same, and by how
    much any probability differs.
    """

    prediction = models.ForeignKey(Prediction, on_delete=models.CASCADE, related_name="replays")
    figures: Any = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"replay of {self.prediction}"
