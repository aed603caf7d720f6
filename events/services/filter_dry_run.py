"""What a condition would have met in the last hour: asked before it decides anything."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min
from django.utils import timezone

from events.models import Event, Filter
from events.services.filter_changes import condition_digest
from events.stream.sigma import Rule, compile_rule

PERIOD = timedelta(hours=1)
MOST_EVENTS = 20_000
EXAMPLES = 5
SKEW = timedelta(minutes=5)  # rows of several workers are written that far out of order, at most
FLAGGED = {Event.Decision.ABOVE, Event.Decision.PICKED}

Row = tuple[int, dict[str, Any], str, int | None]  # number, fields, decision, detection


@dataclass
class DryRun:
    """`flagged`: events above the threshold, or picked by a rule; with `in_detections`, what a filter would hide."""

    digest: str
    at: str
    examined: int = 0
    limited: bool = False  # to the newest events, for there were more
    matched: int = 0
    decisions: dict[str, int] = field(default_factory=dict)
    flagged: int = 0
    in_detections: int = 0
    examples: list[int] = field(default_factory=list)
    microseconds: float = 0.0  # per event


def dry_run(row: Filter) -> DryRun:
    """Ask the condition about the last hour's events of its source, the newest 20,000 at most, and keep the answer.

    Raises InvalidRule or UnsupportedRule for a condition that was stored without being looked at.
    """
    rule = compile_rule(row.sigma)
    found = _asked(row, rule, timezone.now())
    unchanged = Filter.objects.filter(pk=row.pk, kind=row.kind, source=row.source, sigma=row.sigma)
    unchanged.update(dry_run=asdict(found))
    return found


def _asked(row: Filter, rule: Rule, now: datetime) -> DryRun:
    found = DryRun(condition_digest(row), now.isoformat())
    decisions: Counter[str] = Counter()
    flagged: list[int] = []
    others: list[int] = []
    seconds = 0.0
    for pk, fields, decision, detection in _events(row, now - PERIOD):
        if found.examined == MOST_EVENTS:
            found.limited = True
            break
        found.examined += 1
        started = time.perf_counter()
        met = rule.matches(fields)
        seconds += time.perf_counter() - started
        if met:
            decisions[decision] += 1
            found.in_detections += detection is not None
            (flagged if decision in FLAGGED or detection is not None else others).append(pk)
    found.matched, found.decisions = sum(decisions.values()), dict(decisions)
    found.flagged = sum(decisions[one] for one in FLAGGED)
    found.examples = [*flagged[:EXAMPLES], *others[:EXAMPLES]][:EXAMPLES]
    found.microseconds = round(1e6 * seconds / found.examined, 2) if found.examined else 0.0
    return found


def _events(row: Filter, since: datetime) -> Iterator[Row]:
    """The newest first, one more than are examined."""
    events = Event.objects.filter(pk__gte=_first_since(since - SKEW), received_at__gte=since)
    if row.source is not None:
        events = events.filter(source=row.source)
    newest = events.order_by("-pk").values_list("pk", "fields", "decision", "detection_id")
    yield from newest[: MOST_EVENTS + 1].iterator(chunk_size=1000)


def _first_since(moment: datetime) -> int:
    """A row number before which everything was received earlier, by bisection: `received_at` has no index."""
    ends = Event.objects.aggregate(low=Min("pk"), high=Max("pk"))
    low, high = ends["low"] or 0, (ends["high"] or 0) + 1
    while low < high:
        middle = (low + high) // 2
        following = Event.objects.filter(pk__gte=middle).order_by("pk").values_list("pk", "received_at").first()
        if following is not None and following[1] < moment:
            low = following[0] + 1
        else:
            high = middle
    return low
