"""The inbox: what is accepted over HTTP, in one transaction with the job that will process it."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from events.models import EventSource, InboxBatch
from events.services.ingest import AUTO, BATCH, Intake
from events.stream.event import Line
from events.stream.formats import detect_format
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND, QUEUE = "ingest", "events"
MOST_LINES = 5_000


class SourceOff(Exception):
    """The source takes nothing; the message says why and what to do."""


class KeyReused(Exception):
    """The idempotency key came with other lines before."""


@dataclass(frozen=True)
class Accepted:
    batch: InboxBatch
    created: bool


def accept(source: EventSource, lines: Sequence[bytes], *, key: str, format: str = "") -> Accepted:
    """Store lines and ask for their processing; waits for no broker and no worker.

    The same key with the same lines gives the first batch again. Raises UnknownFormat, SourceOff, KeyReused.
    """
    if not source.enabled:
        raise SourceOff(f"The source {source.name} is switched off; switch it on, or send to another.")
    payload = b"\n".join(lines)
    digest = hashlib.sha256(payload).hexdigest()
    if earlier := _earlier(source, key, digest):
        return Accepted(earlier, created=False)
    name = format or source.format
    try:
        with transaction.atomic():
            batch = InboxBatch.objects.create(
                source=source,
                key=key,
                digest=digest,
                format=detect_format(lines) if name == AUTO else name,
                payload=zlib.compress(payload, 1),
                lines=len(lines),
            )
            jobs.enqueue(KIND, batch.pk, queue=QUEUE, priority=Job.Priority.API)
    except IntegrityError:
        # Two requests with one key at the same moment: the second finds what the first has just stored.
        if earlier := _earlier(source, key, digest):
            return Accepted(earlier, created=False)
        raise
    return Accepted(batch, created=True)


def process_inbox(batch: Batch) -> None:
    """Turn accepted lines into records: the job of inbox batches. Safe to run twice, since events are known by key."""
    rows = list(InboxBatch.objects.select_related("source").filter(pk__in=batch.object_ids).order_by("pk"))
    for row in rows:
        if row.payload is not None:
            _process(row, batch)
    with transaction.atomic():
        waiting = InboxBatch.objects.filter(pk__in=batch.object_ids, processed_at=None)
        waiting.update(payload=None, processed_at=timezone.now())
        batch.finish()


def _process(row: InboxBatch, batch: Batch) -> None:
    intake = Intake(row.source, format=row.format, clock=row.received_at.timestamp)
    assert row.payload is not None, "a batch that waits has its lines"
    lines = zlib.decompress(bytes(row.payload)).split(b"\n")
    for start in range(0, len(lines), BATCH):
        origin = f"batch {row.key}"
        intake.take([Line(raw, origin, start + place) for place, raw in enumerate(lines[start : start + BATCH])])
        batch.beat()


def _earlier(source: EventSource, key: str, digest: str) -> InboxBatch | None:
    earlier = InboxBatch.objects.filter(source=source, key=key).first()
    if earlier and earlier.digest != digest:
        raise KeyReused("This idempotency key was used for other events. Use a new key for new events.")
    return earlier
