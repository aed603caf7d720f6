"""Folding flagged events into detections, and detections into incidents, inside the micro-batch's transaction.

A rule opens a detection at once; a score needs k of the entity's last n scored events above the threshold. Events of
one entity and cause are one detection, however many they are and whoever stores them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import orjson
from django.db.models import F
from django.utils import timezone

from config.store import Insert, known, moment
from events.models import Detection, Event, EventSource, Filter
from events.services.batch import Batch
from events.services.openings import open_incident
from events.services.records import stored

FLAGGED = (Event.Decision.ABOVE, Event.Decision.PICKED)
SCORED = (*FLAGGED, Event.Decision.ORDINARY)
UNUSUAL = "unusual "  # what a cause begins with where the score picked the events
LOOKED_BACK = 300  # events of an entity among which its last scored ones are looked for
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
        return max(self.places, key=lambda place: (known(float(batch.judged.scores[place])) or 0.0, -place))


def fold(source: EventSource, batch: Batch, flagged: Sequence[int]) -> int:
    """Fold the flagged events, given by their places in the batch. Returns how many detections were opened."""
    concerned = {batch.aggregated.places[place] for place in flagged}
    places = [place for place, entity in enumerate(batch.aggregated.places) if entity in concerned]
    ids = stored(source, [batch.arrivals[place].key.key for place in places], "id")
    opened = 0
    for one in _folds(source, batch, places, ids):
        # What another cause of this entity has taken up as its evidence is no second detection.
        unfolded = Event.objects.filter(pk__in=one.event_ids, detection=None).exists()
        if unfolded and not _cooling_down(source, batch, one):
            opened += _merge(source, batch, one)
    return opened


def _folds(source: EventSource, batch: Batch, concerned: Sequence[int], ids: Mapping[bytes, int]) -> Iterator[Fold]:
    """By entity and cause, in the order of their keys, so that racing workers never lock crosswise."""
    events: dict[tuple[int, str], list[int]] = defaultdict(list)
    places: dict[tuple[int, str], list[int]] = defaultdict(list)
    for place, window in _qualified(source, batch, concerned, ids):
        key = (batch.aggregated.entity_id(place), _cause(batch, place))
        events[key] += [ids[batch.arrivals[place].key.key], *window]
        places[key].append(place)
    for key in sorted(events):
        yield Fold(*key, sorted(set(events[key])), places[key])


def _qualified(
    source: EventSource, batch: Batch, concerned: Sequence[int], ids: Mapping[bytes, int]
) -> Iterator[tuple[int, list[int]]]:
    """Places of events that make a detection, each with the flagged events of its entity's window."""
    windows: dict[int, list[tuple[int, bool]]] = {}
    first = min(ids.values())
    for place in concerned:
        decision, entity_id = batch.judged.decisions[place], batch.aggregated.entity_id(place)
        if decision not in SCORED:
            continue
        if entity_id not in windows:
            windows[entity_id] = _recent(entity_id, first, source.n - 1)
        window = windows[entity_id]
        window.append((ids[batch.arrivals[place].key.key], decision in FLAGGED))
        del window[: max(0, len(window) - source.n)]
        flagged = [pk for pk, is_flagged in window if is_flagged]
        if decision == Event.Decision.PICKED:
            yield place, []
        elif decision == Event.Decision.ABOVE and len(flagged) >= source.k:
            yield place, flagged


def _recent(entity_id: int, before: int, count: int) -> list[tuple[int, bool]]:
    """The last scored events of an entity before a row number, the oldest first; of its last few hundred events."""
    rows = Event.objects.filter(entity_id=entity_id, pk__lt=before).order_by("-pk")
    last = rows.values_list("pk", "decision")[:LOOKED_BACK]
    scored = [(pk, decision in FLAGGED) for pk, decision in last if decision in SCORED]
    return scored[:count][::-1]


def _cause(batch: Batch, place: int) -> str:
    """The rule that picked the event, else what deviates most, without its aspect (`:z`, `:rarity` ...)."""
    match = batch.matches[place]
    if match is not None and match.kind == Filter.Kind.RULE:
        return f"rule: {match.title}"[:200]
    deviations = batch.deviations(place)
    what = deviations[0].feature.split(":")[0] if deviations else "combination"
    return f"{UNUSUAL}{what}"[:200]


def _cooling_down(source: EventSource, batch: Batch, one: Fold) -> bool:
    """Whether the like was closed lately: then the events are counted on that, and nothing opens.

    What deviates most may change from event to event of one affair, so all that a score found is alike.
    """
    of_entity = Detection.objects.filter(entity_id=one.entity_id)
    if of_entity.open().filter(cause=one.cause).exists():
        return False
    alike = (
        of_entity.filter(cause__startswith=UNUSUAL)
        if one.cause.startswith(UNUSUAL)
        else of_entity.filter(cause=one.cause)
    )
    since = timezone.now() - timedelta(minutes=source.cooldown_minutes)
    last = alike.filter(closed_at__gt=since).order_by("-closed_at").first()
    if last is None:
        return False
    _count(last.pk, one)
    newest = batch.time(one.places[-1])
    Detection.objects.filter(pk=last.pk, last_seen__lt=newest).update(last_seen=newest)
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
