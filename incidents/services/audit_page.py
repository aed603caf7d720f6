"""The audit events as an admin reads and takes them away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import QuerySet

from incidents.audit_chain import told
from incidents.models import AuditEvent, User
from incidents.services import audit
from incidents.services.audit_seal import seal

EXPORTED = "audit.exported"
A_READ = 2_000


@dataclass(frozen=True)
class EventRow:
    """An event, with `actor` None for what nobody did and for people who are gone; `detail` is one line."""

    event: AuditEvent
    actor: User | None
    detail: str


def events(chosen: dict[str, Any]) -> "QuerySet[AuditEvent]":
    """Those that were asked for, the newest first; what is empty or missing in `chosen` narrows nothing."""
    conditions = {
        "kind__startswith": chosen.get("kind"),
        "actor__username": chosen.get("person"),
        "incident": chosen.get("report"),
        "created_at__date__gte": chosen.get("since"),
        "created_at__date__lte": chosen.get("until"),
    }
    return AuditEvent.objects.filter(**{name: value for name, value in conditions.items() if value}).order_by("-pk")


def rows(page: Sequence[AuditEvent]) -> list[EventRow]:
    people = User.objects.in_bulk({event.actor_id for event in page if event.actor_id})
    return [EventRow(event, people.get(event.actor_id or 0), _line(event.detail)) for event in page]


def chain_lines(*, by: User | None) -> Iterator[str]:
    """The chain as JSON lines, from its first row: what is hashed of each, and its hash. Tells that it was taken."""
    audit.record(EXPORTED, actor=by, format="jsonl")
    seal()
    return _lines()


def _lines() -> Iterator[str]:
    sealed = AuditEvent.objects.filter(sequence__isnull=False).order_by("sequence")
    for event in sealed.iterator(chunk_size=A_READ):
        assert event.sequence and event.previous_hash and event.hash, "a constraint of the table"
        line = told(event.meaning, event.sequence, bytes(event.previous_hash)) | {"hash": bytes(event.hash).hex()}
        yield orjson.dumps(line).decode() + "\n"


def _line(detail: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in detail.items() if value not in (None, "", [], {}))
