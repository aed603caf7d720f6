"""Writes who did what."""

from typing import Any

from incidents.models import AuditEvent, Incident, User

ACCOUNT = "account"


def about(account: User | int) -> str:
    """The subject of what concerns an account: its number, for names can be erased and a sealed row cannot."""
    return f"{ACCOUNT} {account if isinstance(account, int) else account.pk}"


def account_of(subject: str) -> int | None:
    """The number in a subject that `about` made."""
    kind, _, number = subject.partition(" ")
    return int(number) if kind == ACCOUNT and number.isdecimal() else None


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
