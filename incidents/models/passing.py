"""Why somebody passed a report on: the words stand here, since the audit holds none and is never rewritten."""

from django.db import models

from incidents.models.audit import AuditEvent
from incidents.models.incident import Incident


class PassingReason(models.Model):
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="passing_reasons")
    event = models.OneToOneField(AuditEvent, on_delete=models.CASCADE, related_name="passing_reason")
    text = models.CharField(max_length=500)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"reason of {self.event_id}"
