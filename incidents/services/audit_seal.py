"""Brings audit events into the chain, in order, shortly after they were committed.

Not in the transaction that writes a row: whoever held the chain's end there would make every other writer wait until
that transaction is over (docs/reliability.md has the figures). A row waits a round of the sweeper at most, and
whatever waits longer is told by the check, the page and the status.
"""

import hmac
from typing import Any

import structlog
from django.apps import apps as installed
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from incidents import audit_guard
from incidents.audit_chain import COLUMNS, GENESIS, Meaning, digest
from incidents.models import AuditEvent, AuditHead

log = structlog.get_logger("incidents.audit")
A_TIME = 5_000  # rows of one transaction: the lock on the head is held for a fraction of a second
_SALT = "caseloop.audit.head"


class ForeignHead(Exception):
    """The end of the chain was not written by this installation with its present SECRET_KEY."""

    def __init__(self) -> None:
        super().__init__(
            "The audit chain's end does not carry the seal of this SECRET_KEY, and nothing is added to it. If the key "
            "was changed, run manage.py verify_audit --adopt; if not, somebody has changed the database."
        )


def seal() -> int:
    """Seal every committed row that waits; how many there were. Any number of processes may do it at once.

    Raises ForeignHead where the end of the chain was forged, or the key is another one.
    """
    sealed = 0
    while AuditEvent.objects.waiting().exists():
        sealed += _seal_some()
    return sealed


def adopt() -> AuditHead | None:
    """Put this installation's seal on the end of the chain: after a new SECRET_KEY. Check the chain first."""
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().first()
        return head and _move_head(head.sequence, bytes(head.hash))


def is_ours(head: AuditHead) -> bool:
    return hmac.compare_digest(bytes(head.mac), _mac(head.sequence, bytes(head.hash)))


def after_migrate(**kwargs: Any) -> None:
    """Guard the table, and seal the rows of before there was a chain; nothing while the tables are of before it."""
    state = kwargs.get("apps") or installed
    try:
        state.get_model("incidents", "AuditEvent")._meta.get_field("sequence")
    except (LookupError, FieldDoesNotExist):
        return
    audit_guard.arm()
    try:
        seal()
    except ForeignHead as error:
        log.warning("audit_events_not_sealed", error=str(error))


def _seal_some() -> int:
    with transaction.atomic():
        sequence, previous = _locked_end()
        written = []
        for row in AuditEvent.objects.waiting().values_list(*COLUMNS)[:A_TIME]:
            sequence, before = sequence + 1, previous
            previous = digest(Meaning(*row), sequence, before)
            written.append((sequence, before, previous, row[0]))
        if written:
            _write(written)
            _move_head(sequence, previous)
    return len(written)


def _locked_end() -> tuple[int, bytes]:
    """Sequence number and hash of the last row, held until the end of the transaction."""
    AuditHead.objects.bulk_create([_head(0, GENESIS)], ignore_conflicts=True)
    head = AuditHead.objects.select_for_update().get()
    begun_anew = head.sequence == 0 and AuditEvent.objects.filter(sequence__gte=1).exists()
    if begun_anew or not is_ours(head):
        raise ForeignHead
    return head.sequence, bytes(head.hash)


def _write(rows: list[tuple[int, bytes, bytes, int]]) -> None:
    sql = f"UPDATE {audit_guard.TABLE} SET sequence = %s, previous_hash = %s, hash = %s WHERE id = %s"  # nosec B608 # noqa: S608 - our own table, values are bound
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def _move_head(sequence: int, end: bytes) -> AuditHead:
    head = _head(sequence, end)
    head.save(force_update=True)
    return head


def _head(sequence: int, end: bytes) -> AuditHead:
    return AuditHead(pk=1, sequence=sequence, hash=end, mac=_mac(sequence, end))


def _mac(sequence: int, end: bytes) -> bytes:
    told = f"{sequence}:{end.hex()}"
    return salted_hmac(_SALT, told, secret=settings.SECRET_KEY, algorithm="sha256").digest()
