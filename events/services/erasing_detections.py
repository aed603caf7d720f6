"""Of an erased report that a detection opened: its evidence, and the examples that its verdicts became.

What the stream knows of the entity beyond this evidence (its aggregates, its other events) is no part of the report and
goes when its source keeps it no longer.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from classifier.models import DatasetSnapshot
from classifier.services.forgetting import note_learned
from events.models import Detection, Event, ThreatAnswer, ThreatDatasetRow, TrainingExample
from incidents.models import Erasure, Label


def erase_evidence(ids: Sequence[int]) -> int:
    """The detections stay as figures; their events stay as counted, without a field of what was received."""
    detections = Detection.objects.filter(incident__in=ids)
    events = Event.objects.filter(detection__in=detections)
    answers = ThreatAnswer.objects.filter(pk__in=events.exclude(answer=None).values("answer"))
    answers.update(prompt="")
    emptied: dict[str, Any] = {"fields": {}, "enrichment": None, "given_id": "", "problem": ""}
    return events.exclude(fields={}).update(**emptied) + detections.update(explanation=[], template="")


def threat_snapshots_with(erasure: Erasure) -> QuerySet[DatasetSnapshot]:
    return DatasetSnapshot.objects.filter(pk__in=_rows(erasure).values("snapshot"))


def take_out_examples(erasure: Erasure) -> int:
    """Note which detection models learned from verdicts on its reports, and delete these examples."""
    with transaction.atomic():
        note_learned(erasure, _rows(erasure))
        _rows(erasure).delete()
        return TrainingExample.objects.filter(label_id__in=_labels(erasure)).delete()[0]


def _rows(erasure: Erasure) -> "QuerySet[ThreatDatasetRow]":
    return ThreatDatasetRow.objects.filter(example__label_id__in=_labels(erasure))


def _labels(erasure: Erasure) -> "QuerySet[Label]":
    return Label.objects.filter(incident__erasure=erasure).values("pk")  # type: ignore[return-value]
