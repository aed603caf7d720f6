"""Writes who did what."""

from typing import Any

from incidents.models import AuditEvent, Incident, User


def record(
    kind: str,
    *,
    actor: User | None = None,
    incident: Incident | None = None,
    subject: str = "",
    **detail: Any,
) -> AuditEvent:
    """Append an event; `detail` is JSON and never holds a report's text."""
    return AuditEvent.objects.create(kind=kind, actor=actor, incident=incident, subject=subject, detail=detail)
