"""A second look at what filters dropped: would the detector have found it unusual, did analysts judge its like?"""

import heapq
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from events.models import Event, EventSource, FeatureSet, Filter, TrainingExample
from events.services.detectors import Serving, serving
from events.services.examples import group_of
from events.services.feature_rows import DROPPED, newest
from events.stream.prompts import prompt_of

WINDOW = 50_000  # newest events of a source that are gone through
SAMPLE = 500  # dropped events of a filter that are looked at again
CONFIDENCE = 1.96  # standard deviations: an interval of 95 %
NO_DETECTOR = "Nothing can score what was dropped: the source has neither a detector nor events enough to begin with."
GONE = "A filter that was deleted"

Completion, Origin = TrainingExample.Completion, TrainingExample.Origin


@dataclass(frozen=True)
class DroppedBy:
    """What one filter dropped. `share` is of the events that were gone through (0 to 1).

    `ordinary` of the `sampled` events are not above the detector's threshold. `precision` is their share, with the
    ends of its Wilson interval: an estimate of the share of all that this filter drops which the detector would not
    have flagged either, not of the share that is harmless, which the detector does not know. None without a detector.
    Of the sampled events, `judged` are like events that an analyst judged (the same words but for values); `threats`
    of them are like one that was called a threat.
    """

    filter_id: int | None
    name: str
    kind: str
    dropped: int
    share: float
    sampled: int
    ordinary: int
    precision: float | None
    low: float | None
    high: float | None
    judged: int
    threats: int


@dataclass(frozen=True)
class FilterReview:
    """`problem` says why there is no estimate."""

    examined: int
    dropped: int
    threshold: float | None
    problem: str
    filters: tuple[DroppedBy, ...]


def review_filters(source: EventSource, window: int = WINDOW) -> FilterReview:
    """Go through the newest events of a source; the filter that dropped most comes first."""
    dropped: dict[int | None, list[tuple[bytes, int]]] = defaultdict(list)
    examined = 0
    rows = newest(source, window).values_list("pk", "filter_id", "decision", "key")
    for pk, filter_id, decision, key in rows[:window].iterator(5_000):
        examined += 1
        if decision in DROPPED:
            dropped[filter_id].append((bytes(key), pk))
    state, filters = serving(source), Filter.objects.in_bulk([pk for pk in dropped if pk is not None])
    told = [_dropped_by(filters.get(pk or 0), found, examined, state) for pk, found in dropped.items()]
    return FilterReview(
        examined=examined,
        dropped=sum(map(len, dropped.values())),
        threshold=state.threshold,
        problem="" if state.detector is not None and state.threshold is not None else NO_DETECTOR,
        filters=tuple(sorted(told, key=lambda one: (-one.dropped, one.name))),
    )


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson (1927), which holds near 0 and 1 and for few tries. `tries` is above 0."""
    share, square = hits / tries, CONFIDENCE**2
    middle = (share + square / (2 * tries)) / (1 + square / tries)
    half = CONFIDENCE * math.sqrt(share * (1 - share) / tries + square / (4 * tries**2)) / (1 + square / tries)
    return max(0.0, middle - half), min(1.0, middle + half)


def _dropped_by(row: Filter | None, found: Sequence[tuple[bytes, int]], examined: int, state: Serving) -> DroppedBy:
    """The sample goes by digests of keys, so that it is a fair draw, and the same one each time."""
    drawn = [pk for _, pk in heapq.nsmallest(SAMPLE, found)]
    events = list(Event.objects.filter(pk__in=drawn).only("pk", "feature_set_id", "features", "fields"))
    above = _above(events, state)
    ordinary = 0 if above is None else len(events) - int(above.sum())
    low, high = (None, None) if above is None or not events else wilson(ordinary, len(events))
    judged, threats = _verdicts(events)
    return DroppedBy(
        filter_id=row.pk if row else None,
        name=row.name if row else GONE,
        kind=row.get_kind_display() if row else "",
        dropped=len(found),
        share=len(found) / examined,
        sampled=len(events),
        ordinary=ordinary,
        precision=None if low is None else ordinary / len(events),
        low=low,
        high=high,
        judged=judged,
        threats=threats,
    )


def _above(events: Sequence[Event], state: Serving) -> NDArray[np.bool_] | None:
    """(N,) whether the detector would have flagged them; None where there is none."""
    if state.detector is None or state.threshold is None:
        return None
    by_set: dict[int, list[int]] = defaultdict(list)
    for place, event in enumerate(events):
        by_set[event.feature_set_id].append(place)
    above = np.zeros(len(events), bool)
    for pk, one in FeatureSet.objects.in_bulk(by_set).items():
        rows = np.stack([events[place].values for place in by_set[pk]])
        above[by_set[pk]] = state.detector.score(state.detector.align(one.names)(rows)) > state.threshold
    return above


def _verdicts(events: Sequence[Event]) -> tuple[int, int]:
    """How many are like something that an analyst judged, and like a threat."""
    groups = [group_of(prompt_of(event.fields, 0)) for event in events]
    said = TrainingExample.objects.filter(origin=Origin.VERDICT, retracted_at=None, group__in=set(groups))
    verdicts: dict[str, set[str]] = defaultdict(set)
    for group, completion in said.values_list("group", "completion"):
        verdicts[group].add(completion)
    return sum(one in verdicts for one in groups), sum(Completion.THREAT in verdicts.get(one, ()) for one in groups)
