"""The hash chain of the audit events: what exactly is hashed, so that others can check it. Plain Python.

A row's hash is SHA-256 over one line of JSON in UTF-8 with the keys actor, at, detail, format, id, incident, kind,
previous, sequence and subject: keys sorted at every level, no spaces, all outside ASCII as \\uXXXX, a number that is
whole without a fraction. `previous` is the hash of the row before (64 hexadecimal digits; zeros before the first),
`at` the time in UTC with microseconds, `actor` and `incident` are numbers or null. docs/security.md holds a program
of a few lines that checks an export.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

FORMAT = "caseloop-audit-1"
GENESIS = bytes(32)  # what the first row follows


@dataclass(frozen=True)
class Meaning:
    """All that a row says; the names are those of its columns."""

    id: int
    kind: str
    actor_id: int | None
    incident_id: int | None
    subject: str
    detail: Any
    created_at: dt.datetime


COLUMNS = tuple(Meaning.__dataclass_fields__)


def told(row: Meaning, sequence: int, previous: bytes) -> dict[str, Any]:
    """What is hashed, as an export tells it."""
    return {
        "actor": row.actor_id,
        "at": row.created_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "detail": _plain(row.detail),
        "format": FORMAT,
        "id": row.id,
        "incident": row.incident_id,
        "kind": row.kind,
        "previous": previous.hex(),
        "sequence": sequence,
        "subject": row.subject,
    }


def digest(row: Meaning, sequence: int, previous: bytes) -> bytes:
    """The row's hash, 32 bytes."""
    line = json.dumps(told(row, sequence, previous), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(line.encode()).digest()


def _plain(value: Any) -> Any:
    """JSON with whole numbers as integers: databases differ in whether they keep the fraction of 1e16 or 2.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
