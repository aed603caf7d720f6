"""Why a report waits for a second look: who was unsure or skipped it, and what they said of it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from incidents.models import AuditEvent, Incident, Label, PassingReason, User
from incidents.services.reviewing import SKIP_UNDONE, SKIPPED


@dataclass(frozen=True)
class PassedOn:
    who: User | None
    reason: str
    at: dt.datetime
    skipped: bool  # else they were unsure


def reason_of(event: AuditEvent) -> str:
    """What a person wrote stands beside the event, a rule's own sentence in it."""
    said: PassingReason | None = getattr(event, "passing_reason", None)
    return said.text if said else str(event.detail.get("reason", ""))


def passed_on(incident: Incident) -> Sequence[PassedOn]:
    """Since the last decision, the newest first; nothing for reports of another state. Three queries at most."""
    if not incident.waits_for_second_look:
        return []
    label = incident.current_label
    events = AuditEvent.objects.filter(incident=incident.pk, kind__in=[SKIPPED, SKIP_UNDONE])
    events = events.select_related("actor", "passing_reason")
    if label:
        events = events.filter(created_at__gt=label.created_at)
    found = list(events)
    undone = {event.detail.get("event") for event in found if event.kind == SKIP_UNDONE}
    said = [
        PassedOn(event.actor, reason_of(event), event.created_at, skipped=True)
        for event in found
        if event.kind == SKIPPED and event.pk not in undone
    ]
    if label and label.verdict == Label.Verdict.UNSURE:
        said.append(PassedOn(label.reviewer, label.reason, label.created_at, skipped=False))
    return said
