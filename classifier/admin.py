"""Admin pages of the model side: all of it is appended by the product and read-only here."""

from django.contrib import admin

from classifier.models import (
    AnomalySet,
    DatasetSnapshot,
    Evaluation,
    ModelVersion,
    Prediction,
    Promotion,
    TrainingRun,
)
from config.admin import ReadOnlyAdmin


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = ["name", "line", "stage", "base_model", "t5_weight", "snapshot", "created_at"]
    list_filter = ["line", "stage"]
    list_select_related = ["snapshot"]
    search_fields = ["name", "base_model"]


@admin.register(Promotion)
class PromotionAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "action", "version", "replaced", "by", "reason"]
    list_filter = ["action"]
    list_select_related = ["version", "replaced", "by"]


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "line",
        "status",
        "base_model",
        "version",
        "requested_by",
        "created_at",
        "finished_at",
        "error",
    ]
    list_filter = ["status", "line"]
    list_select_related = ["version", "requested_by"]


@admin.register(DatasetSnapshot)
class DatasetSnapshotAdmin(ReadOnlyAdmin):
    list_display = ["id", "content_hash", "counts", "taxonomy_version", "created_at"]
    list_select_related = ["taxonomy_version"]


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    list_display = ["version", "part", "snapshot", "category_accuracy", "both_accuracy", "ece", "created_at"]
    list_filter = ["part"]
    exclude = ["outcomes"]
    list_select_related = ["version", "snapshot"]

    def category_accuracy(self, evaluation: Evaluation) -> str:
        return _figure(evaluation.figures.get("category", {}).get("accuracy"))

    def both_accuracy(self, evaluation: Evaluation) -> str:
        return _figure(evaluation.figures.get("both", {}).get("accuracy"))

    def ece(self, evaluation: Evaluation) -> str:
        return _figure(evaluation.figures.get("ece"))


def _figure(value: float | None) -> str:
    """Detectors have figures of other kinds."""
    return "–" if value is None else f"{value:.4f}"


@admin.register(Prediction)
class PredictionAdmin(ReadOnlyAdmin):
    list_display = ["id", "incident", "version", "confidence", "unsure", "anomaly", "seconds", "created_at"]
    list_filter = ["version", "unsure"]
    list_select_related = ["incident", "version"]
    search_fields = ["=incident__id"]


@admin.register(AnomalySet)
class AnomalySetAdmin(ReadOnlyAdmin):
    list_display = ["id", "status", "version", "embedded", "encoder_hash", "created_at"]
    list_filter = ["status"]
    list_select_related = ["version"]
