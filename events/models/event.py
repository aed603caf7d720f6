"""Enriched records: each event with every feature, score, model version and decision."""

import numpy as np
from django.db import models
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from classifier.models import ModelVersion
from events.models.detection import Detection
from events.models.entity import Entity
from events.models.filter import Filter
from events.models.source import EventSource
from events.models.threat import ThreatAnswer


class FeatureSet(models.Model):
    """The names of features, in the order in which events of a source store their values."""

    source = models.ForeignKey(EventSource, on_delete=models.CASCADE, related_name="feature_sets")
    names = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "digest"], name="one_feature_set_per_names")]

    def __str__(self) -> str:
        return f"{len(self.names)} features"


class EventQuerySet(models.QuerySet["Event"]):
    def with_parts(self) -> "EventQuerySet":
        """Rows with all that a record shows, in one query."""
        return self.select_related("source", "entity", "feature_set", "filter", "detector", "answer__version")


class Event(models.Model):
    """One event, once by its key, as it was received, with what was made of it.

    Keys and contents are digests (16 and 8 bytes of sha256). `fields` holds canonical ECS names, and what no mapping
    knows under its own name. Values are raw units; nothing is scaled.
    """

    class Decision(models.TextChoices):
        FILTERED = "filtered", _("Filtered")
        SUPPRESSED = "suppressed", _("Suppressed")
        UNSCORED = "unscored", _("Not scored")  # no detector can judge it yet
        ORDINARY = "ordinary", _("Ordinary")
        ABOVE = "above", _("Above the threshold")
        PICKED = "picked", _("Picked by a rule")

    class Threat(models.TextChoices):
        NONE = "", _("Not asked")
        NO_MODEL = "no_model", _("Skipped: no detection model is trained")
        ASKED = "asked", _("Judged by the answer that it points to")

    class Enriched(models.TextChoices):
        NONE = "", _("Nothing to look up")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    source = models.ForeignKey(
        EventSource, on_delete=models.CASCADE, related_name="events", db_constraint=False, db_index=False
    )
    key = models.BinaryField(max_length=16)
    content = models.BigIntegerField()
    given_id = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(help_text="When it happened; when it was received if its own clock cannot be right.")
    received_at = models.DateTimeField()
    day = models.DateField(db_index=True, help_text="Of receipt; what retention goes by.")
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    fields = models.JSONField()
    problem = models.CharField(max_length=200, blank=True, help_text="What was odd about it and was put right.")
    template_id = models.BigIntegerField(null=True, help_text="The ValueCount of its log template.")

    feature_set = models.ForeignKey(
        FeatureSet, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    features = models.BinaryField(help_text="float64 values by the names of the feature set; NaN where it has none.")
    decision = models.CharField(max_length=10, choices=Decision)
    filter = models.ForeignKey(
        Filter, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False, db_index=False
    )
    score = models.FloatField(null=True, help_text="The detector's, in (0, 1]; higher is more unusual.")
    percentile = models.FloatField(null=True, help_text="Share of recent scored events below it, 0 to 100.")
    detector = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        help_text="Null with a score: the cold-start detector gave it.",
    )  # fmt: skip
    shadow_score = models.FloatField(null=True, help_text="What the shadow version says, which decides nothing.")
    threat = models.CharField(max_length=10, choices=Threat, blank=True)
    answer = models.ForeignKey(
        ThreatAnswer, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False, db_index=False
    )
    enriched = models.CharField(max_length=10, choices=Enriched, blank=True)
    enrichment = models.JSONField(null=True)
    detection = models.ForeignKey(
        Detection, null=True, on_delete=models.SET_NULL, related_name="events", db_constraint=False, db_index=False
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="one_event_per_key")]
        indexes = [
            models.Index(fields=["entity", "-id"], name="event_of_entity"),
            models.Index(
                fields=["detection", "id"], name="event_of_detection", condition=models.Q(detection__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"

    @property
    def values(self) -> NDArray[np.float64]:
        """(F,) the features in raw units, by `feature_set.names`."""
        return np.frombuffer(self.features, np.float64)

    @property
    def is_dropped(self) -> bool:
        return self.decision in {self.Decision.FILTERED, self.Decision.SUPPRESSED}
