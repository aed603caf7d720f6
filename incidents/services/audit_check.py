"""Looks through the audit chain from its first row to its last: what was changed, is missing, or was put in."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Count, Min
from django.utils import timezone

from incidents import audit_guard
from incidents.audit_chain import COLUMNS, GENESIS, Meaning, digest
from incidents.models import AuditEvent, AuditHead
from incidents.services.audit_seal import is_ours

MOST_SPANS = 1_000  # findings that are told one by one; of more, their number
A_READ = 5_000
CHANGED, MISSING, UNLINKED = "changed", "missing", "unlinked"
_WORDS = {
    CHANGED: "was changed",
    MISSING: "is missing",
    UNLINKED: "does not follow the row before it: one of the two was replaced",
}


@dataclass(frozen=True)
class Span:
    """What is wrong with the rows from one sequence number to another."""

    what: str
    first: int
    last: int

    def __str__(self) -> str:
        if self.first == self.last:
            return f"Row {self.first} {_WORDS[self.what]}."
        return f"Rows {self.first} to {self.last}: each {_WORDS[self.what]}."


@dataclass
class Verdict:
    """`rows` were read, up to `sequence`, whose hash is `end`; `waiting` are no part of the chain yet.

    `others` are sentences about the chain as a whole.
    """

    rows: int = 0
    sequence: int = 0
    end: bytes = GENESIS
    spans: list[Span] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    waiting: int = 0
    oldest_waiting: dt.datetime | None = None

    @property
    def is_whole(self) -> bool:
        return not self.spans and not self.others

    @property
    def findings(self) -> list[str]:
        told = [str(span) for span in self.spans[:MOST_SPANS]]
        more = len(self.spans) - len(told)
        return [*told, *([f"{more} more of the kind."] if more else []), *self.others]

    @property
    def waiting_seconds(self) -> float:
        return (timezone.now() - self.oldest_waiting).total_seconds() if self.oldest_waiting else 0.0

    def add(self, what: str, first: int, last: int) -> None:
        """Note rows; those that go on where the last ones of the kind end are one span with them."""
        if self.spans and self.spans[-1].what == what and self.spans[-1].last == first - 1:
            self.spans[-1] = Span(what, self.spans[-1].first, last)
        else:
            self.spans.append(Span(what, first, last))


def verify(expected: tuple[int, bytes] | None = None) -> Verdict:
    """Read the whole chain; a few rows at a time are in memory, and nothing is locked or written.

    `expected` is a sequence number and a hash that were kept elsewhere: a chain that was cut before them, or written
    anew as a whole, is found by them alone.
    """
    found, head = Verdict(), AuditHead.objects.first()
    seen = None
    for sequence, before, own, meaning in _rows(head.sequence if head else None):
        _look_at(found, sequence, before, own, meaning)
        if expected and sequence == expected[0]:
            seen = own
    _compare_with_head(found, head)
    if expected and seen != expected[1]:
        found.others.append(_not_as_expected(expected[0], found.sequence))
    if not audit_guard.is_armed():
        found.others.append(
            "The database does not refuse changes of audit events any more: run manage.py migrate, and find out why."
        )
    waiting = AuditEvent.objects.waiting().order_by().aggregate(n=Count("pk"), oldest=Min("created_at"))
    found.waiting, found.oldest_waiting = waiting["n"], waiting["oldest"]
    return found


def _rows(upto: int | None) -> Iterator[tuple[int, bytes, bytes, Meaning]]:
    sealed = AuditEvent.objects.filter(sequence__isnull=False).order_by("sequence")
    if upto is not None:  # what is sealed meanwhile is for the next look
        sealed = sealed.filter(sequence__lte=upto)
    columns = ("sequence", "previous_hash", "hash", *COLUMNS)
    for sequence, before, own, *meaning in sealed.values_list(*columns).iterator(chunk_size=A_READ):
        yield sequence, bytes(before), bytes(own), Meaning(*meaning)


def _look_at(found: Verdict, sequence: int, before: bytes, own: bytes, meaning: Meaning) -> None:
    if sequence > found.sequence + 1:
        found.add(MISSING, found.sequence + 1, sequence - 1)
    elif before != found.end:
        found.add(UNLINKED, sequence, sequence)
    if digest(meaning, sequence, before) != own:
        found.add(CHANGED, sequence, sequence)
    found.rows, found.sequence, found.end = found.rows + 1, sequence, own


def _compare_with_head(found: Verdict, head: AuditHead | None) -> None:
    if head is None:
        if found.rows:
            found.others.append("The row that names the chain's end is gone.")
        return
    if not is_ours(head):
        found.others.append(
            "The end of the chain does not carry the seal of this SECRET_KEY: either the key was changed or lost "
            "(run manage.py verify_audit --adopt), or the chain was written by somebody else."
        )
    if found.sequence < head.sequence:
        found.add(MISSING, found.sequence + 1, head.sequence)
    elif found.end != bytes(head.hash):
        found.others.append(f"Row {head.sequence}, the last, is not the one that was sealed as the end.")
    beyond = AuditEvent.objects.filter(sequence__gt=AuditHead.objects.values("sequence")[:1]).count()
    if beyond:
        found.others.append(f"{beyond} rows stand beyond the end of the chain.")


def _not_as_expected(sequence: int, last: int) -> str:
    if sequence > last:
        return f"Row {sequence} is expected, but the chain ends at {last}: what came after was cut off."
    return f"Row {sequence} is not the one that is expected: the chain was written anew."
