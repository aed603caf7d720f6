"""Forgetting: events and what hangs on them, chunk by chunk, so that nobody waits for a lock.

Partitions by day would need the day in the unique key of events, and a redelivery across midnight would count twice.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from events.models import (
    DeadLetter,
    Detection,
    Entity,
    EntityPane,
    Event,
    EventSource,
    FieldState,
    FirstSeen,
    InboxBatch,
    SourceMinute,
    ValueCount,
)
from events.models.entity import pane_key
from events.models.source import MOST_NUMBERS
from workers import jobs
from workers.jobs import Batch

KIND, QUEUE = "forget_events", "events"
CHUNK = 2_000  # rows a transaction
MINUTES_KEPT = dt.timedelta(days=400)
SETTLED = dt.timedelta(days=30)  # that processed inbox batches and settled dead letters stay


def request_forgetting() -> None:
    """Ask for each source's daily round; the sweeper calls it."""
    for pk in EventSource.objects.values_list("pk", flat=True):
        jobs.enqueue_daily(KIND, pk, queue=QUEUE)


def forget_events(batch: Batch) -> None:
    """The job: delete what is older than its source keeps. Safe to stop at any point and to run again."""
    for source in EventSource.objects.filter(pk__in=batch.object_ids):
        for _ in _forget(source):
            batch.beat()
    with transaction.atomic():
        batch.finish()


def _forget(source: EventSource) -> Iterator[None]:
    now = timezone.now()
    before = now - dt.timedelta(days=source.retention_days)
    open_ones = Detection.objects.open().filter(source=source).values("pk")
    old = Event.objects.filter(source=source, day__lt=before.date())
    yield from _delete(old.exclude(detection__in=open_ones))
    yield from _forget_entities(Entity.objects.filter(source=source), before)
    yield from _delete(ValueCount.objects.filter(source=source, last_seen__lt=before))
    yield from _delete(InboxBatch.objects.filter(source=source, processed_at__lt=now - SETTLED))
    settled = DeadLetter.objects.filter(source=source).exclude(state=DeadLetter.State.WAITING)
    yield from _delete(settled.filter(created_at__lt=now - SETTLED))
    yield from _delete(SourceMinute.objects.filter(source=source, minute__lt=now - MINUTES_KEPT))
    longest = EventSource.objects.aggregate(days=Max("retention_days"))["days"]
    oldest = int((now - dt.timedelta(days=longest)).timestamp() // 60)
    yield from _delete(EntityPane.objects.filter(pk__lt=pane_key(0, oldest)))


def _delete(rows: "QuerySet[Any]") -> Iterator[None]:
    """Chunks by primary key, each in a transaction of its own."""
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        rows.model._base_manager.filter(pk__in=ids)._raw_delete(rows.db)
        yield


def _forget_entities(entities: "QuerySet[Entity]", before: dt.datetime) -> Iterator[None]:
    """Entities that have not been seen for so long, with all that is known of them.

    One whose clock is years behind is seen long ago by its own account: as long as events of it are kept, it stays.
    """
    kept = Event.objects.filter(entity=OuterRef("pk"))
    gone = entities.filter(~Exists(kept), last_seen__lt=before, detections=None)
    while _forget_some(gone):
        yield


@transaction.atomic
def _forget_some(gone: "QuerySet[Entity]") -> int:
    """The next chunk; locked first, so that no micro-batch adds to them meanwhile."""
    ids = list(gone.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)[:CHUNK])
    for pk in ids:
        FirstSeen.objects.of_entities([pk]).delete()
        FieldState.objects.filter(pk__range=(pk * MOST_NUMBERS, (pk + 1) * MOST_NUMBERS - 1)).delete()
    Entity.objects.filter(pk__in=ids)._raw_delete(gone.db)
    return len(ids)
