"""The audit events as an admin reads and takes them away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import QuerySet

from incidents.audit_chain import told
from incidents.models import AuditEvent, AuditHead, User
from incidents.services import audit
from incidents.services.audit_seal import seal

EXPORTED = "audit.exported"
A_READ = 2_000


@dataclass(frozen=True)
class EventRow:
    """An event; `whom` is the account that its subject tells by number, by the name of today; `detail` is one line."""

    event: AuditEvent
    whom: User | None
    detail: str


def events(chosen: dict[str, Any]) -> "QuerySet[AuditEvent]":
    """Those that were asked for, the newest first, with their actors; what is empty in `chosen` narrows nothing."""
    conditions = {
        "kind__startswith": chosen.get("kind"),
        "actor__username": chosen.get("person"),
        "incident": chosen.get("report"),
        "created_at__date__gte": chosen.get("since"),
        "created_at__date__lte": chosen.get("until"),
    }
    found = AuditEvent.objects.filter(**{name: value for name, value in conditions.items() if value})
    return found.select_related("actor").order_by("-pk")


def rows(page: Sequence[AuditEvent]) -> list[EventRow]:
    accounts = [audit.account_of(event.subject) for event in page]
    people = User.objects.in_bulk({number for number in accounts if number})
    named = zip(page, accounts, strict=True)
    return [EventRow(event, people.get(number or 0), _line(event.detail)) for event, number in named]


def chain_lines(*, by: User | None) -> Iterator[str]:
    """The chain as JSON lines, from its first row: what is hashed of each, and its hash. Tells that it was taken."""
    audit.record(EXPORTED, actor=by, format="jsonl")
    seal()
    return _lines()


def _lines() -> Iterator[str]:
    """Read by sequence number, so that no statement stays open while somebody downloads slowly."""
    head, last = AuditHead.objects.first(), 0
    sealed = AuditEvent.objects.filter(sequence__lte=head.sequence if head else 0).order_by("sequence")
    while page := list(sealed.filter(sequence__gt=last)[:A_READ]):
        for event in page:
            assert event.sequence and event.previous_hash and event.hash, "a constraint of the table"
            line = told(event.meaning, event.sequence, bytes(event.previous_hash)) | {"hash": bytes(event.hash).hex()}
            yield orjson.dumps(line).decode() + "\n"
            last = event.sequence


def _line(detail: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in detail.items() if value not in (None, "", [], {}))
