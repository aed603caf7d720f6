"""The scores of a source over time, with its threshold and its detections: for the chart and for the table below it."""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from events.models import Detection, EventSource, SourceMinute

SPANS = {1: 60, 6: 60, 24: 300, 168: 1800}  # hours that can be looked back: seconds that a point stands for
MOST_MARKS = 300


@dataclass(frozen=True)
class Point:
    """What was received in `seconds` from `at` on. Scores are None where nothing was scored."""

    at: dt.datetime
    received: int = 0
    refused: int = 0
    dropped: int = 0
    scored: int = 0
    above: int = 0
    highest: float | None = None
    mean: float | None = None
    threshold: float | None = None


@dataclass(frozen=True)
class ScoreHistory:
    """`points` without a gap, the oldest first; `marks` are the detections that were opened meanwhile."""

    hours: int
    seconds: int
    points: Sequence[Point]
    marks: Sequence[Detection]

    @property
    def minutes(self) -> int:
        return self.seconds // 60

    @property
    def rows(self) -> Sequence[Point]:
        """The points at which something came, the newest first."""
        return [point for point in reversed(self.points) if point.received]


def score_history(source: EventSource, hours: int, now: dt.datetime) -> ScoreHistory:
    """Two queries, and at most 361 points. `hours` is one of SPANS."""
    seconds = SPANS[hours]
    end = math.floor(now.timestamp() / seconds)
    start = math.floor((now.timestamp() - hours * 3600) / seconds)
    since = _moment(start * seconds)
    found: dict[int, list[SourceMinute]] = {}
    for row in source.minutes.filter(minute__gte=since).order_by("minute"):
        found.setdefault(math.floor(row.minute.timestamp() / seconds), []).append(row)
    marks = source.detections.filter(created_at__gte=since).select_related("entity").order_by("-created_at")
    points = [_point(_moment(place * seconds), found.get(place, ())) for place in range(start, end + 1)]
    return ScoreHistory(hours, seconds, points, list(marks[:MOST_MARKS])[::-1])


def as_json(history: ScoreHistory) -> dict[str, Any]:
    """Columns, as the chart takes them: seconds since 1970, scores in (0, 1], lines a second."""
    points, seconds = history.points, history.seconds
    return {
        "seconds": seconds,
        "at": [int(point.at.timestamp()) for point in points],
        "highest": [point.highest for point in points],
        "mean": [point.mean for point in points],
        "threshold": [point.threshold for point in points],
        "received": [point.received / seconds for point in points],
        "dropped": [point.dropped / seconds for point in points],
        "refused": [point.refused / seconds for point in points],
        "detections": [
            {"at": int(mark.created_at.timestamp()), "score": mark.score, "label": f"{mark.cause}: {mark.entity.name}"}
            for mark in history.marks
        ],
    }


def _point(at: dt.datetime, rows: Iterable[SourceMinute]) -> Point:
    listed = list(rows)
    scored = sum(row.scored for row in listed)
    thresholds = [row.threshold for row in listed if row.threshold is not None]
    return Point(
        at=at,
        received=sum(row.received for row in listed),
        refused=sum(row.refused for row in listed),
        dropped=sum(row.dropped for row in listed),
        scored=scored,
        above=sum(row.above for row in listed),
        highest=max(row.score_max for row in listed) if scored else None,
        mean=sum(row.score_sum for row in listed) / scored if scored else None,
        threshold=thresholds[-1] if thresholds else None,
    )


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
