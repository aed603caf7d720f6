"""What has arrived and is not processed yet, and what could not be read."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.source import EventSource


class InboxBatch(models.Model):
    """Lines accepted over HTTP, as they came, with the job that will process them. Emptied once that is done."""

    source = models.ForeignKey(EventSource, on_delete=models.CASCADE, related_name="inbox")
    key = models.CharField(max_length=100, help_text="The sender's idempotency key, else one of our own.")
    digest = models.CharField(max_length=64, help_text="sha256 of what was sent, so that a reused key is noticed.")
    format = models.CharField(max_length=30)
    payload = models.BinaryField(null=True, help_text="The lines, compressed by zlib; null once processed.")
    lines = models.PositiveIntegerField()
    received_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        verbose_name_plural = "inbox batches"
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="one_inbox_batch_per_key"),
            models.CheckConstraint(
                name="an_inbox_batch_waits_or_is_processed",
                condition=Q(payload__isnull=True, processed_at__isnull=False)
                | Q(payload__isnull=False, processed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"


class DeadLetter(models.Model):
    """A line that could not become an event, with the reason.

    waiting -> replayed (it was read again and became an event, or a new dead letter) | discarded
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        REPLAYED = "replayed", _("Replayed")
        DISCARDED = "discarded", _("Discarded")

    source = models.ForeignKey(EventSource, on_delete=models.CASCADE, related_name="dead_letters")
    key = models.BinaryField(max_length=16, help_text="Of source, place and line: a redelivery adds no second one.")
    format = models.CharField(max_length=30)
    header = models.TextField(blank=True, help_text="The CSV header that stood above the line.")
    place = models.CharField(max_length=300, help_text="Where it came from: batch or file, and offset.")
    line = models.TextField(help_text="As it came; beyond 100,000 characters only the beginning.")
    size = models.PositiveBigIntegerField(help_text="Bytes that it had.")
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="one_dead_letter_per_line")]
        indexes = [models.Index(fields=["source", "state", "-id"], name="dead_letter_list")]

    def __str__(self) -> str:
        return f"dead letter {self.pk}"

    @property
    def is_whole(self) -> bool:
        """Whether the line was kept whole, so that it can be replayed."""
        return len(self.line.encode()) == self.size
