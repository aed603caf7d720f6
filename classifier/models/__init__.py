"""Rows of the model side: appended, never rewritten, but for the pointers that say what serves."""

from classifier.models.anomaly import AnomalySet
from classifier.models.dataset import DatasetRow, DatasetSnapshot
from classifier.models.doubt import Doubt, DoubtRun
from classifier.models.drift import DriftAlarm, DriftKind, DriftLook, DriftReference
from classifier.models.evaluation import Evaluation
from classifier.models.explanation import Explanation
from classifier.models.prediction import Embedding, Prediction
from classifier.models.training import TrainingRun
from classifier.models.version import ModelVersion, Promotion

__all__ = [
    "AnomalySet",
    "DatasetRow",
    "DatasetSnapshot",
    "Doubt",
    "DoubtRun",
    "DriftAlarm",
    "DriftKind",
    "DriftLook",
    "DriftReference",
    "Embedding",
    "Evaluation",
    "Explanation",
    "ModelVersion",
    "Prediction",
    "Promotion",
    "TrainingRun",
]
