"""Folding flagged events into detections, and detections into incidents, inside the micro-batch's transaction.

A rule opens a detection at once; a score needs k of the entity's last n scored events above the threshold. Events of
one entity and cause are one detection, however many they are and whoever stores them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import orjson
from django.db.models import F
from django.utils import timezone

from events.models import Detection, Event, EventSource, Filter
from events.services.batch import Batch
from events.services.openings import open_incident
from events.services.store import Insert, known, moment

FLAGGED = (Event.Decision.ABOVE, Event.Decision.PICKED)
SCORED = (*FLAGGED, Event.Decision.ORDINARY)
Status = Detection.Status

_DETECTIONS = Insert(
    Detection,
    (
        *("source_id", "entity_id", "cause", "status", "count", "first_seen", "last_seen", "score", "percentile"),
        *("threshold", "explanation", "template", "created_at"),
    ),
    "ON CONFLICT (entity_id, cause) WHERE status = 'open' DO UPDATE SET count = {t}.count + excluded.count,"
    " first_seen = {least}({t}.first_seen, excluded.first_seen),"
    " last_seen = {greatest}({t}.last_seen, excluded.last_seen),"
    " score = {greatest}(coalesce({t}.score, excluded.score), coalesce(excluded.score, {t}.score)),"
    " percentile = {greatest}(coalesce({t}.percentile, excluded.percentile),"
    " coalesce(excluded.percentile, {t}.percentile))",
)


@dataclass(frozen=True)
class Fold:
    """Events of one entity and cause: their row numbers, and the places of those that are in the batch."""

    entity_id: int
    cause: str
    event_ids: Sequence[int]
    places: Sequence[int]

    def telling(self, batch: Batch) -> int:
        return max(self.places, key=lambda place: (known(batch.judged.scores[place]) or 0.0, -place))


def fold(source: EventSource, batch: Batch, flagged: Sequence[int], ids: Mapping[bytes, int]) -> int:
    """Fold the flagged events, given by their places in the batch. Returns how many detections were opened."""
    opened = 0
    for one in _folds(source, batch, flagged, ids):
        if not _cooling_down(source, batch, one):
            opened += _merge(source, batch, one)
    return opened


def _folds(source: EventSource, batch: Batch, flagged: Sequence[int], ids: Mapping[bytes, int]) -> Iterator[Fold]:
    """By entity and cause, in the order of their keys, so that racing workers never lock crosswise."""
    events: dict[tuple[int, str], list[int]] = defaultdict(list)
    places: dict[tuple[int, str], list[int]] = defaultdict(list)
    for place, window in _qualified(source, batch, flagged, ids):
        key = (batch.aggregated.parts[place].id, _cause(batch, place))
        events[key] += [ids[batch.arrivals[place].key.key], *window]
        places[key].append(place)
    for key in sorted(events):
        yield Fold(*key, sorted(set(events[key])), places[key])


def _qualified(
    source: EventSource, batch: Batch, flagged: Sequence[int], ids: Mapping[bytes, int]
) -> Iterator[tuple[int, list[int]]]:
    """Places of events that make a detection, each with the flagged events of its entity's window."""
    marked = set(flagged)
    concerned = {batch.aggregated.parts[place].id for place in flagged}
    recent = _recent(concerned, set(ids.values()), source.n - 1)
    for place, one in enumerate(batch.arrivals):
        entity_id = batch.aggregated.parts[place].id
        if entity_id not in concerned or batch.judged.decisions[place] not in SCORED:
            continue
        window = recent[entity_id]
        window.append((ids[one.key.key], place in marked))
        del window[: max(0, len(window) - source.n)]
        if place not in marked:
            continue
        above = [pk for pk, is_flagged in window if is_flagged]
        if batch.judged.decisions[place] == Event.Decision.PICKED:
            yield place, []
        elif len(above) >= source.k:
            yield place, above


def _recent(entity_ids: Iterable[int], without: set[int], count: int) -> dict[int, list[tuple[int, bool]]]:
    found = {}
    for entity_id in entity_ids:
        rows = Event.objects.filter(entity_id=entity_id, decision__in=SCORED).order_by("-pk")
        before = rows.values_list("pk", "decision")[: count + len(without)]
        kept = [(pk, decision in FLAGGED) for pk, decision in before if pk not in without]
        found[entity_id] = kept[:count][::-1]
    return found


def _cause(batch: Batch, place: int) -> str:
    """The rule that picked the event, else what deviates most, without its aspect (`:z`, `:rarity` ...)."""
    match = batch.matches[place]
    if match is not None and match.kind == Filter.Kind.RULE:
        return f"rule: {match.title}"[:200]
    deviations = batch.deviations(place)
    return f"unusual {deviations[0].feature.split(':')[0]}"[:200] if deviations else "unusual combination"


def _cooling_down(source: EventSource, batch: Batch, one: Fold) -> bool:
    """Whether a detection of this cause was closed lately: then the events are counted on it, and nothing opens."""
    of_cause = Detection.objects.filter(entity_id=one.entity_id, cause=one.cause)
    since = timezone.now() - timedelta(minutes=source.cooldown_minutes)
    last = of_cause.filter(closed_at__gt=since).order_by("-closed_at").first()
    if last is None or of_cause.open().exists():
        return False
    _count(last.pk, one)
    Detection.objects.filter(pk=last.pk, last_seen__lt=batch.time(one.places[-1])).update(
        last_seen=batch.time(one.places[-1])
    )
    return True


def _merge(source: EventSource, batch: Batch, one: Fold) -> bool:
    """Add the events to the open detection of their cause; whether it had to be opened for them."""
    telling = one.telling(batch)
    times = [batch.arrivals[place].at for place in one.places]
    row = (
        *(source.pk, one.entity_id, one.cause, Status.OPEN, 0, moment(min(times)), moment(max(times))),
        *(known(batch.judged.scores[telling]), known(batch.judged.percentiles[telling])),
        *(batch.judged.serving.threshold, orjson.dumps(batch.sentences(telling)).decode()),
        *(batch.aggregated.templates[telling][:300], moment(timezone.now().timestamp())),
    )
    ((pk, count),) = _DETECTIONS.returning([row], "id", "count")
    _count(pk, one)
    if count:
        return False
    open_incident(Detection.objects.with_parts().get(pk=pk), batch.arrivals[telling].reading.message)
    return True


def _count(detection_id: int, one: Fold) -> None:
    """Give the events to a detection that no detection has yet; each is counted once."""
    given = Event.objects.filter(pk__in=one.event_ids, detection=None).update(detection=detection_id)
    Detection.objects.filter(pk=detection_id).update(count=F("count") + given)
