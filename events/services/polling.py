"""Fetching from sources: a job a source, asked for by the sweeper, that goes on until nothing waits."""

import socket
import time
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from events.models import EventSource, SourceFile
from events.services.ingest import BATCH, Intake
from events.stream.formats import UnknownFormat
from events.stream.sources import Poll, Source, SourceUnavailable
from events.stream.sources.folder import FilePosition, Folder
from events.stream.sources.kafka import KafkaTopic
from events.stream.sources.redis_streams import RedisStream
from workers import jobs
from workers.jobs import Batch
from workers.models import Job

KIND, QUEUE = "poll", "events"
SLICE_SECONDS = 5.0  # then other work of the queue gets its turn
log = structlog.get_logger("events.polling")


def request_polls() -> None:
    """Have every source that is fetched from fetched from; asked every round of the sweeper."""
    for source in EventSource.objects.polled():
        waiting = Job.objects.filter(kind=KIND, object_id=source.pk, status__in=[Job.Status.QUEUED, Job.Status.RUNNING])
        if not waiting.exists():
            jobs.enqueue(KIND, source.pk, queue=QUEUE, priority=Job.Priority.IMPORT)


def poll_source(batch: Batch) -> None:
    """Fetch for some seconds: the job of a source. What is not acknowledged comes again and is known by its key."""
    source = EventSource.objects.filter(pk=batch.object_ids[0], enabled=True).first()
    error = more = ""
    if source is not None:
        try:
            more = "more" if _fetch(source, batch) else ""
        except (SourceUnavailable, UnknownFormat) as trouble:
            error = str(trouble)[:300]
            log.warning("source_unavailable", source=source.name, error=error)
        EventSource.objects.filter(pk=source.pk).update(error=error, polled_at=timezone.now())
    with transaction.atomic():
        batch.finish()
        if more:
            jobs.enqueue(KIND, batch.object_ids[0], queue=QUEUE, priority=Job.Priority.IMPORT)


def watched_folder(source: EventSource) -> Path:
    """Where a source of the kind folder expects its files."""
    return Path(settings.CASELOOP_HOME) / "watch" / source.name


def _fetch(source: EventSource, batch: Batch) -> bool:
    """Take batches until nothing waits or the slice is over; whether there may be more."""
    connection, until = _open(source), time.monotonic() + SLICE_SECONDS
    intakes: dict[str, Intake] = {}
    try:
        while poll := connection.poll(BATCH):
            _take(source, poll, intakes)
            connection.ack(poll)
            batch.beat()
            if time.monotonic() > until:
                return True
        return False
    finally:
        connection.close()


def _take(source: EventSource, poll: Poll, intakes: dict[str, Intake]) -> None:
    """One batch with, for a file, its new position in the same transaction."""
    if not poll.lines:
        return  # entries that were deleted from the stream meanwhile
    file = poll.offsets if isinstance(poll.offsets, FilePosition) else None
    name = f"{file.name} {file.generation}" if file else ""
    intake = intakes.setdefault(name, Intake(source, header=poll.header))
    if not file:
        intake.take(poll.lines)
        return
    values = {"generation": file.generation, "head": file.head, "position": file.position, "seen_at": timezone.now()}
    intake.take(
        poll.lines,
        lambda: SourceFile.objects.update_or_create(
            source=source, name=file.name, defaults=values | {"header": intake.header_in_force}
        ),
    )


def _open(source: EventSource) -> Source:
    if source.kind == EventSource.Kind.FOLDER:
        known = {
            row.name: FilePosition(row.name, row.generation, row.head, row.position, row.header)
            for row in SourceFile.objects.filter(source=source)
        }
        return Folder(watched_folder(source), known)
    if source.kind == EventSource.Kind.REDIS:
        return RedisStream(settings.EVENTS_REDIS_URL, source.address, f"{socket.gethostname()}-{source.pk}")
    return KafkaTopic(settings.KAFKA_SERVERS, source.address)
