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
        waiting = Job.objects.open().filter(kind=KIND, object_id=source.pk)
        if not waiting.exists():
            jobs.enqueue(KIND, source.pk, queue=QUEUE, priority=Job.Priority.IMPORT)


def poll_source(batch: Batch) -> None:
    """Fetch for some seconds: the job of a source. What is not acknowledged comes again and is known by its key."""
    source = EventSource.objects.filter(pk=batch.object_ids[0], enabled=True).first()
    more = False
    if source is not None:
        try:
            more, error = _fetch(source, batch)
        except SourceUnavailable as trouble:
            error = str(trouble)
            log.warning("source_unavailable", source=source.name, error=error)
        EventSource.objects.filter(pk=source.pk).update(error=error[:300], polled_at=timezone.now())
    with transaction.atomic():
        batch.finish()
        if more:
            jobs.enqueue(KIND, batch.object_ids[0], queue=QUEUE, priority=Job.Priority.IMPORT)


def watched_folder(source: EventSource) -> Path:
    """Where a source of the kind folder expects its files."""
    return Path(settings.CASELOOP_HOME) / "watch" / source.name


def _fetch(source: EventSource, batch: Batch) -> tuple[bool, str]:
    """Take batches until nothing waits or the slice is over; whether there may be more, and what could not be read."""
    connection, until = _open(source), time.monotonic() + SLICE_SECONDS
    intakes: dict[str, Intake] = {}
    error = ""
    try:
        while poll := connection.poll(BATCH):
            error = _take(source, poll, intakes) or error
            connection.ack(poll)
            batch.beat()
            if time.monotonic() > until:
                return True, error
        return False, error
    finally:
        connection.close()


def _take(source: EventSource, poll: Poll, intakes: dict[str, Intake]) -> str:
    """One batch with, for a file, its new position in the same transaction. Says why lines are of no known format.

    Such lines become dead letters: left where they were, they would be fetched for ever and nothing after them.
    """
    if not poll.lines:
        return ""  # entries that were deleted from the stream meanwhile
    file = poll.offsets if isinstance(poll.offsets, FilePosition) else None
    intake = intakes.setdefault(f"{file.name} {file.generation}" if file else "", Intake(source, header=poll.header))

    def keep_position() -> None:
        if file:
            _keep_position(source, file, intake.header_in_force)

    try:
        intake.take(poll.lines, keep_position)
    except UnknownFormat as trouble:
        intake.refuse(poll.lines, str(trouble), keep_position)
        return str(trouble)
    return ""


def _keep_position(source: EventSource, file: FilePosition, header: str) -> None:
    values = {"generation": file.generation, "head": file.head, "position": file.position, "header": header}
    SourceFile.objects.update_or_create(source=source, name=file.name, defaults=values | {"seen_at": timezone.now()})


def _open(source: EventSource) -> Source:
    if source.kind == EventSource.Kind.FOLDER:
        known = {
            row.name: FilePosition(row.name, row.generation, row.head, row.position, row.header)
            for row in SourceFile.objects.filter(source=source)
        }
        folder = Folder(watched_folder(source), known)
        for file in folder.renamed:
            _keep_position(source, file, file.header)
        return folder
    if source.kind == EventSource.Kind.REDIS:
        return RedisStream(settings.EVENTS_REDIS_URL, source.address, f"{socket.gethostname()}-{source.pk}")
    return KafkaTopic(settings.KAFKA_SERVERS, source.address)
