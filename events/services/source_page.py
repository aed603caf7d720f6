"""What the pages of sources show."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.utils.dateparse import parse_datetime

from classifier.models import ModelVersion
from classifier.models.version import DETECTOR_PREFIX
from events.models import DeadLetter, Detection, EventSource, InboxBatch
from events.services.detector_state import DetectorState, detector_state
from events.services.polling import watched_folder
from events.services.score_history import ScoreHistory, score_history
from events.services.source_rates import Flow, flows

SHOWN_DETECTIONS, SHOWN_CHECKS = 10, 5


@dataclass(frozen=True)
class SourceRow:
    """A source with what it brings, and what waits for people or workers."""

    source: EventSource
    flow: Flow
    champion: ModelVersion | None
    open_detections: int
    dead_letters: int
    waiting_lines: int

    @property
    def state(self) -> str:
        """`paused`, `failed` (the last fetch), `quiet` or `ok`."""
        if not self.source.enabled:
            return "paused"
        if self.source.error:
            return "failed"
        return "ok" if self.flow.rate else "quiet"


@dataclass(frozen=True)
class Totals:
    """Over all sources; all but `rate` (events a second), `waiting` and `detections` are of the last hour."""

    rate: float
    waiting: int
    received: int
    refused: int
    dropped: int
    above: int
    detections: int


@dataclass(frozen=True)
class CheckLine:
    """A comparison of scores, as `detector_drift` found it."""

    when: dt.datetime | None
    d: float | None
    decision: str


@dataclass(frozen=True)
class SourcePage:
    row: SourceRow
    detector: DetectorState
    checks: Sequence[CheckLine]
    scores: ScoreHistory
    detections: Sequence[Detection]
    folder: str


def source_rows(sources: Sequence[EventSource], now: dt.datetime) -> list[SourceRow]:
    """In five queries, whatever the number of sources."""
    by_source, champions = flows(sources, now), _champions()
    detections = dict(Detection.objects.open().order_by().values_list("source").annotate(Count("pk")))
    waiting = DeadLetter.objects.filter(state=DeadLetter.State.WAITING).order_by()
    letters = dict(waiting.values_list("source").annotate(Count("pk")))
    inbox = dict(InboxBatch.objects.filter(processed_at=None).values_list("source").annotate(Sum("lines")))
    return [
        SourceRow(
            source=source,
            flow=by_source[source.pk],
            champion=champions.get(source.line),
            open_detections=detections.get(source.pk, 0),
            dead_letters=letters.get(source.pk, 0),
            waiting_lines=inbox.get(source.pk, 0),
        )
        for source in sources
    ]


def totals(rows: Sequence[SourceRow]) -> Totals:
    return Totals(
        rate=sum(row.flow.rate for row in rows),
        waiting=sum(row.waiting_lines for row in rows),
        received=sum(row.flow.received for row in rows),
        refused=sum(row.flow.refused for row in rows),
        dropped=sum(row.flow.dropped for row in rows),
        above=sum(row.flow.above for row in rows),
        detections=sum(row.open_detections for row in rows),
    )


def source_page(source: EventSource, hours: int, now: dt.datetime) -> SourcePage:
    """`hours` is one of `score_history.SPANS`."""
    state = detector_state(source)
    lately = source.detections.select_related("entity", "incident").order_by("-last_seen")
    return SourcePage(
        row=source_rows([source], now)[0],
        detector=state,
        checks=[CheckLine(parse_datetime(one.at), one.d, one.decision) for one in state.checks[-SHOWN_CHECKS:]][::-1],
        scores=score_history(source, hours, now),
        detections=list(lately[:SHOWN_DETECTIONS]),
        folder=str(watched_folder(source)),
    )


def _champions() -> dict[str, ModelVersion]:
    versions = ModelVersion.objects.filter(line__startswith=DETECTOR_PREFIX, stage=ModelVersion.Stage.CHAMPION)
    return {version.line: version for version in versions}
