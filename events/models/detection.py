"""Detections: events above the threshold, folded by entity and cause, and the incident that they opened."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.entity import Entity
from events.models.source import EventSource
from incidents.models import Incident


class DetectionQuerySet(models.QuerySet["Detection"]):
    def open(self) -> "DetectionQuerySet":
        return self.filter(status=Detection.Status.OPEN)

    def with_parts(self) -> "DetectionQuerySet":
        return self.select_related("source", "entity", "incident")


class Detection(models.Model):
    """open -> confirmed | dismissed (by the verdict on its incident) -> open (the verdict was undone).

    While it is open, further events of its entity and cause are folded into it; after that, so are those of the
    cool-down, without opening it again.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CONFIRMED = "confirmed", _("Confirmed")
        DISMISSED = "dismissed", _("Dismissed")

    source = models.ForeignKey(EventSource, on_delete=models.CASCADE, related_name="detections")
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="detections")
    cause = models.CharField(max_length=200, help_text="The rule that picked its events, or what deviates most.")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    count = models.PositiveIntegerField(default=0)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    score = models.FloatField(null=True, help_text="The highest of its events.")
    percentile = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    explanation = models.JSONField(
        default=list, help_text="Sentences on the most telling event: what deviates, how far, from what past."
    )
    template = models.CharField(max_length=300, blank=True, help_text="The log template of its most telling event.")
    closed_at = models.DateTimeField(null=True, blank=True)
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.SET_NULL, related_name="detections")
    created_at = models.DateTimeField(default=timezone.now)

    objects = DetectionQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "cause"], condition=Q(status="open"), name="one_open_detection_per_cause"
            )
        ]
        indexes = [
            models.Index(fields=["source", "-last_seen"], name="detection_list"),
            models.Index(fields=["source", "cause", "-id"], name="detection_wave"),
            models.Index(fields=["created_at"], name="detection_found"),
        ]

    def __str__(self) -> str:
        return f"detection {self.pk}"
