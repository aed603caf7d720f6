"""Where events come from, and what each minute of them was like."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MOST_NUMBERS = 64  # numeric fields of a source that are aggregated: the slots of FieldState
MOST_CATEGORIES = 8  # fields of a source whose values are counted


class EventSourceQuerySet(models.QuerySet["EventSource"]):
    def polled(self) -> "EventSourceQuerySet":
        """Those that workers fetch from, instead of being sent to."""
        return self.filter(enabled=True).exclude(kind=EventSource.Kind.PUSH)


class EventSource(models.Model):
    """A named stream of events of one format, with its own detector, threshold and alert budget."""

    class Kind(models.TextChoices):
        PUSH = "push", _("Sent by API or command")
        FOLDER = "folder", _("Watched folder")
        REDIS = "redis", _("Redis Streams")
        KAFKA = "kafka", _("Kafka")

    name = models.CharField(
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9][a-z0-9_.-]*\Z", "Use small letters, digits, dots, dashes, underscores.")
        ],
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PUSH)
    address = models.CharField(
        max_length=200, blank=True, help_text="The stream's key for Redis, the topic for Kafka; empty for the rest."
    )
    format = models.CharField(max_length=30, default="auto", help_text="auto: told from the first lines.")
    entity_field = models.CharField(
        max_length=80, blank=True, help_text="The field that says whom an event is about; empty: the format's choice."
    )
    enabled = models.BooleanField(default=True)

    alert_budget = models.FloatField(
        default=0.01,
        validators=[MinValueValidator(0.0001), MaxValueValidator(0.2)],
        help_text="Share of scored events that may stand above the threshold.",
    )
    k = models.PositiveSmallIntegerField(
        default=2, validators=[MinValueValidator(1), MaxValueValidator(50)], help_text="Events above the threshold ..."
    )
    n = models.PositiveSmallIntegerField(
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text="... among an entity's last so many, for a detection.",
    )
    cooldown_minutes = models.PositiveIntegerField(
        default=60, help_text="So long after a closed detection, its cause opens no new one."
    )
    retention_days = models.PositiveIntegerField(
        default=30,
        validators=[MinValueValidator(7), MaxValueValidator(3650)],
        help_text="Events are kept, and a redelivery is recognised, for so long.",
    )

    numbers = models.JSONField(default=list, blank=True, help_text="Numeric fields in the order of their slots.")
    categories = models.JSONField(default=list, blank=True, help_text="Fields whose values are counted.")
    drift = models.JSONField(default=dict, blank=True, help_text="What the last comparisons of scores found.")
    error = models.CharField(max_length=300, blank=True, help_text="Why the last fetch failed; empty when it did not.")
    polled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = EventSourceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        permissions = [
            ("view_events", "Can see events, entities and detections"),
            ("ingest_events", "Can send events"),
            ("manage_filters", "Can change filters and replay dead letters"),
            ("manage_sources", "Can change sources and look-up tables"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def line(self) -> str:
        """The model line of this source's detectors."""
        return f"anomaly:{self.name}"


class SourceFile(models.Model):
    """How far a file of a watched folder has been read; written in the transaction of the events it gave."""

    source = models.ForeignKey(EventSource, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=250)
    generation = models.PositiveIntegerField(default=1, help_text="Grows when a file of that name begins anew.")
    head = models.CharField(max_length=64, help_text="Digest of the first bytes, which tells a rotated file.")
    position = models.BigIntegerField(default=0, help_text="Bytes read.")
    header = models.TextField(blank=True, help_text="The first line of a CSV file.")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="one_position_per_file")]

    def __str__(self) -> str:
        return self.name


class SourceMinute(models.Model):
    """What one minute (of receipt) brought: added to in the transaction of each micro-batch."""

    source = models.ForeignKey(EventSource, on_delete=models.CASCADE, related_name="minutes")
    minute = models.DateTimeField()
    received = models.BigIntegerField(default=0, help_text="Lines, broken and repeated ones too.")
    duplicates = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0, help_text="Lines that became dead letters.")
    dropped = models.BigIntegerField(
        default=0, help_text="By filters and suppressions; stored and counted all the same."
    )
    scored = models.BigIntegerField(default=0)
    above = models.BigIntegerField(default=0, help_text="Events above the threshold, or picked by a rule.")
    detections = models.BigIntegerField(default=0, help_text="Detections opened.")
    score_sum = models.FloatField(default=0.0)
    score_max = models.FloatField(default=0.0)
    threshold = models.FloatField(null=True, help_text="In force at the end of the minute.")
    lag_max = models.FloatField(default=0.0, help_text="Seconds from the event to its record, the longest.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "minute"], name="one_row_per_source_and_minute")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.minute}"
