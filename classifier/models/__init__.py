"""Rows of the model side: appended, never rewritten, but for the pointers that say what serves."""

from classifier.models.acting import Acceptance, ActingPolicy, PromiseAlarm, PromiseKind, PromiseWatch
from classifier.models.anomaly import AnomalySet
from classifier.models.comparison import ComparisonRun
from classifier.models.dataset import DatasetRow, DatasetSnapshot
from classifier.models.doubt import Doubt, DoubtRun
from classifier.models.drift import DriftAlarm, DriftKind, DriftLook, DriftReference
from classifier.models.erased_learning import ErasedLearning
from classifier.models.evaluation import Evaluation
from classifier.models.explanation import Explanation
from classifier.models.impact import ImpactPreview
from classifier.models.learning import LearningRun
from classifier.models.prediction import Embedding, Prediction
from classifier.models.promotion import ForceRequest, Promotion, Refusal
from classifier.models.replay import Replay
from classifier.models.shadow import ShadowPrediction
from classifier.models.training import TrainingRun
from classifier.models.version import ModelVersion

__all__ = [
    "Acceptance",
    "ActingPolicy",
    "AnomalySet",
    "ComparisonRun",
    "DatasetRow",
    "DatasetSnapshot",
    "Doubt",
    "DoubtRun",
    "DriftAlarm",
    "DriftKind",
    "DriftLook",
    "DriftReference",
    "Embedding",
    "ErasedLearning",
    "Evaluation",
    "Explanation",
    "ForceRequest",
    "ImpactPreview",
    "LearningRun",
    "ModelVersion",
    "Prediction",
    "PromiseAlarm",
    "PromiseKind",
    "PromiseWatch",
    "Promotion",
    "Refusal",
    "Replay",
    "ShadowPrediction",
    "TrainingRun",
]
