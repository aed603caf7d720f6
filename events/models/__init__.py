"""Rows of the stream side. What the micro-batch writes a thousand times a second has no foreign key checks."""

from events.models.detection import Detection
from events.models.enrichment import LookupTable
from events.models.entity import Entity, EntityPane, FieldState, FirstSeen, ValueCount
from events.models.event import Event, FeatureSet
from events.models.filter import Filter
from events.models.inbox import DeadLetter, InboxBatch
from events.models.source import EventSource, SourceFile, SourceMinute
from events.models.threat import ThreatAnswer, TrainingExample
from events.models.threat_dataset import ThreatDatasetRow

__all__ = [
    "DeadLetter",
    "Detection",
    "Entity",
    "EntityPane",
    "Event",
    "EventSource",
    "FeatureSet",
    "FieldState",
    "Filter",
    "FirstSeen",
    "InboxBatch",
    "LookupTable",
    "SourceFile",
    "SourceMinute",
    "ThreatAnswer",
    "ThreatDatasetRow",
    "TrainingExample",
    "ValueCount",
]
