"""Enriched records as CSV and detections as OCSF findings: a page of rows at a time, however many there are."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import orjson
from django.db.models import F, Max, QuerySet, Window
from django.db.models.functions import RowNumber

from config.cells import safe
from events.models import Detection, Event, EventSource, FeatureSet
from events.models.detection import DetectionQuerySet
from events.services.export_columns import VALUES, Columns
from events.services.ocsf import finding
from incidents.models import User
from incidents.services import audit

EVENTS_AT_ONCE = 2_000  # about 10 MB of records
DETECTIONS_AT_ONCE = 200
EVIDENCES = 3  # events of a detection that its finding shows

Row = dict[str, Any]


@dataclass(frozen=True)
class EventChoice:
    """Which events: of a source, that happened from `since` on and before `until`, with a decision; empty: all."""

    source: EventSource | None = None
    since: datetime | None = None
    until: datetime | None = None
    decision: str = ""

    def events(self) -> "QuerySet[Event]":
        wanted = {"at__gte": self.since, "at__lt": self.until, "decision": self.decision or None}
        found = Event.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
        if self.source is None:
            return found
        # A sum has no index: whoever goes through the rows in their order must not sort all of a source every time.
        return found.alias(of=F("source_id") + 0).filter(of=self.source.pk)

    @property
    def told(self) -> dict[str, str]:
        """For the audit log."""
        times = {"since": self.since, "until": self.until}
        told = {name: time.isoformat() for name, time in times.items() if time} | {"decision": self.decision}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True)
class DetectionChoice:
    """Which detections: of a source, in a state; empty: all."""

    source: EventSource | None = None
    status: str = ""

    def detections(self) -> DetectionQuerySet:
        wanted = {"source": self.source, "status": self.status}
        return Detection.objects.filter(**{name: value for name, value in wanted.items() if value})

    @property
    def told(self) -> dict[str, str]:
        return {"status": self.status} if self.status else {}


@dataclass
class Export:
    """Text to be written piece by piece; `rows` counts what was handed out so far."""

    pieces: Iterator[str]
    rows: int = 0

    def __iter__(self) -> Iterator[str]:
        return self.pieces


def events_as_csv(choice: EventChoice) -> Export:
    """A header and a line an event, the oldest first; what is stored later than the beginning is left out."""
    export = Export(iter(()))
    export.pieces = _csv_pieces(choice, export)
    return export


def detections_as_ocsf(choice: DetectionChoice) -> Export:
    """A Detection Finding (class 2004) a line, the oldest first."""
    export = Export(iter(()))
    export.pieces = _ocsf_pieces(choice, export)
    return export


def record_export(what: str, choice: EventChoice | DetectionChoice, *, by: User | None) -> None:
    """Note in the audit log that rows leave; before they do."""
    subject = choice.source.name if choice.source else "every source"
    audit.record(f"{what}.exported", actor=by, subject=subject, choice=choice.told)


def _csv_pieces(choice: EventChoice, export: Export) -> Iterator[str]:
    sets = {one.pk: one for one in _sets(choice.source)}
    columns = Columns.of(_sources(choice.source), sets.values())
    yield _csv([columns.header])
    for page in _pages(choice.events(), EVENTS_AT_ONCE):
        yield _csv([columns.row(record, _features(record, sets)) for record in page])
        export.rows += len(page)


def _ocsf_pieces(choice: DetectionChoice, export: Export) -> Iterator[str]:
    last, found = 0, choice.detections().with_parts().order_by("pk")
    while page := list(found.filter(pk__gt=last)[:DETECTIONS_AT_ONCE]):
        evidence = _evidence([one.pk for one in page])
        yield "".join(orjson.dumps(finding(one, evidence[one.pk])).decode() + "\n" for one in page)
        last = page[-1].pk
        export.rows += len(page)


def _pages(events: "QuerySet[Event]", size: int) -> Iterator[list[Row]]:
    """By row number, so that no statement stays open while somebody downloads slowly."""
    last, end = 0, Event.objects.aggregate(last=Max("pk"))["last"] or 0
    found = events.filter(pk__lte=end).order_by("pk").values(*VALUES)
    while page := list(found.filter(pk__gt=last)[:size]):
        yield page
        last = page[-1]["pk"]


def _features(record: Row, sets: dict[int, FeatureSet]) -> Mapping[str, float]:
    pk = record["feature_set_id"]
    if pk not in sets:  # it came while the rows were written: its new fields have no column
        sets[pk] = FeatureSet.objects.get(pk=pk)
    return dict(zip(sets[pk].names, np.frombuffer(record["features"], np.float64).tolist(), strict=False))


def _evidence(detection_ids: Sequence[int]) -> defaultdict[int, list[Row]]:
    """The most unusual events of each, in one query."""
    ranked = Event.objects.filter(detection__in=detection_ids).annotate(
        rank=Window(RowNumber(), partition_by=F("detection_id"), order_by=[F("score").desc(nulls_last=True), "pk"])
    )
    found: defaultdict[int, list[Row]] = defaultdict(list)
    shown = ranked.filter(rank__lte=EVIDENCES).order_by("detection_id", "rank")
    for row in shown.values("detection_id", "pk", "at", "fields"):
        found[row["detection_id"]].append(dict(row))
    return found


def _sources(source: EventSource | None) -> list[EventSource]:
    return list(EventSource.objects.order_by("pk")) if source is None else [source]


def _sets(source: EventSource | None) -> "QuerySet[FeatureSet]":
    found = FeatureSet.objects.order_by("source_id", "-pk")
    return found if source is None else found.filter(source=source)


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([safe(cell) for cell in row] for row in rows)
    return written.getvalue()
