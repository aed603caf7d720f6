"""How much each source brings: events a second now, and what became of the last hour."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from events.models import EventSource, SourceMinute
from events.services.bars import Bars, bars

RATE_MINUTES = 5  # "now": long enough to be steady, short enough to notice an outage
HISTORY_MINUTES = 60


@dataclass(frozen=True)
class Flow:
    """`rate` in events a second over the last minutes, `lag` in seconds over the same; the rest over the last hour."""

    rate: float
    lag: float | None
    received: int
    duplicates: int
    refused: int
    dropped: int
    scored: int
    above: int
    history: Bars


def flows(sources: Iterable[EventSource], now: dt.datetime) -> dict[int, Flow]:
    """By source, in one query."""
    listed = list(sources)
    start = _minute(now) - dt.timedelta(minutes=HISTORY_MINUTES - 1)
    by_source: dict[int, list[SourceMinute]] = defaultdict(list)
    for row in SourceMinute.objects.filter(source__in=listed, minute__gte=start):
        by_source[row.source_id].append(row)
    return {source.pk: _flow(source, by_source[source.pk], now) for source in listed}


def _flow(source: EventSource, rows: Sequence[SourceMinute], now: dt.datetime) -> Flow:
    since = max(_minute(now) - dt.timedelta(minutes=RATE_MINUTES - 1), source.created_at)
    lately = [row for row in rows if row.minute >= _minute(since)]
    return Flow(
        rate=sum(row.received for row in lately) / max(1.0, (now - since).total_seconds()),
        lag=max((row.lag_max for row in lately), default=None),
        received=sum(row.received for row in rows),
        duplicates=sum(row.duplicates for row in rows),
        refused=sum(row.refused for row in rows),
        dropped=sum(row.dropped for row in rows),
        scored=sum(row.scored for row in rows),
        above=sum(row.above for row in rows),
        history=_history(rows, now),
    )


def _history(rows: Sequence[SourceMinute], now: dt.datetime) -> Bars:
    by_minute = {row.minute: row.received for row in rows}
    last = _minute(now)
    minutes = [last - dt.timedelta(minutes=ago) for ago in range(HISTORY_MINUTES - 1, -1, -1)]
    return bars([by_minute.get(minute, 0) for minute in minutes], [f"{minute:%H:%M}" for minute in minutes])


def _minute(at: dt.datetime) -> dt.datetime:
    return at.replace(second=0, microsecond=0)
