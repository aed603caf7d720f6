"""Who did what, when. Append-only; never holds a report's text or a reporter's name."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from incidents.audit_chain import COLUMNS, Meaning
from incidents.models.analysis_run import AnalysisRun


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def waiting(self) -> "AuditEventQuerySet":
        """Rows that are no part of the chain yet, in the order in which they come into it."""
        return self.filter(sequence=None).order_by("pk")


class AuditEvent(models.Model):
    """Written without a place in the chain; sealed in order within seconds of its commit (`services.audit_seal`).

    From then on the database itself refuses every change of it (`incidents.audit_guard`). So that nothing which is
    deleted elsewhere touches a row, actor and incident are numbers without a constraint: read them by
    `select_related`, which gives None for what is gone.
    """

    kind = models.CharField(max_length=60, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    incident = models.ForeignKey(
        "incidents.Incident",
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="audit_events",
    )
    subject = models.CharField(max_length=200, blank=True, help_text="What it is about, by name; people by number.")
    detail = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    sequence = models.PositiveBigIntegerField(null=True, unique=True, editable=False, help_text="From 1, no gaps.")
    previous_hash = models.BinaryField(max_length=32, null=True)
    hash = models.BinaryField(max_length=32, null=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["id"], name="audit_waiting", condition=Q(sequence=None))]
        constraints = [
            models.CheckConstraint(
                name="audit_sealed_as_a_whole",
                condition=Q(sequence=None, previous_hash=None, hash=None)
                | Q(sequence__gte=1, previous_hash__isnull=False, hash__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("audit events are append-only")
        super().save(*args, **kwargs)

    @property
    def meaning(self) -> Meaning:
        return Meaning(**{name: getattr(self, name) for name in COLUMNS})


class AuditHead(models.Model):
    """The one row that names the chain's last: its lock puts sealing in order, its MAC needs the secret key."""

    sequence = models.PositiveBigIntegerField()
    hash = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32, help_text="HMAC of both by a key that follows from SECRET_KEY.")

    class Meta:
        constraints = [models.CheckConstraint(name="audit_one_head", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.sequence}:{bytes(self.hash).hex()}"


class AuditCheck(AnalysisRun):
    """What a look through the whole chain has found."""

    sequence = models.PositiveBigIntegerField(default=0, help_text="Of the last row that was looked at.")
    findings = models.JSONField(default=list, help_text="Sentences; none where the chain is whole.")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"look through the audit chain {self.pk}"
