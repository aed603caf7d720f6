"""Stored events of a source as rows of features: what a detector learns from, and what it is compared with."""

import datetime as dt
import hashlib
import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import F, Max, Min, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.utils import timezone
from numpy.typing import NDArray

from events.models import Detection, Event, EventSource, FeatureSet
from events.models.event import EventQuerySet

WINDOW = 50_000  # latest usable events of a source, which its detector learns from
MOST_ROWS = 20_000  # drawn from them: what a detector keeps in memory while it is fitted stays below 100 MB
DROPPED = (Event.Decision.FILTERED, Event.Decision.SUPPRESSED)

NEW = F("received") - F("duplicates") - F("refused")  # of a minute

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FeatureRows:
    """(N, F) raw values by `names`, NaN where an event has none, in the order of the events' keys.

    `newest` (N,) are places in `values`, the latest event first. `until` is the row number of the latest event.
    `digest` covers names and values: equal digests give equal detectors.
    """

    names: tuple[str, ...]
    values: Values
    newest: NDArray[np.intp]
    until: int
    digest: str

    def __len__(self) -> int:
        return len(self.values)


def newest(source: EventSource, limit: int) -> EventQuerySet:
    """Events of a source, the newest first, to be cut at about `limit`.

    Going back through the events of all sources reads limit * all / own of them, the index of the source its own.
    PostgreSQL weighs that by its statistics; SQLite has none, takes the index always, and sorts all that it finds.
    """
    rows = Event.objects.order_by("-pk")
    if connection.vendor == "sqlite" and limit * _all_events() < stored_events(source) ** 2:
        return rows.alias(of=F("source_id") + 0).filter(of=source.pk)  # a sum, for which there is no index
    return rows.filter(source=source)


def stored_events(source: EventSource) -> int:
    """About how many events of a source are stored, from the counts of its minutes."""
    return _counted(source, None, NEW)


def usable_events(source: EventSource, after: dt.datetime | None = None) -> int:
    """Stored events that no filter or suppression dropped, of minutes that began later than `after`.

    A detector learns from those, and judges them.
    """
    return _counted(source, after, NEW - F("dropped"))


def latest_rows(source: EventSource, limit: int) -> FeatureRows:
    """The newest usable rows, up to `limit`."""
    rows = newest(source, limit).exclude(decision__in=DROPPED)
    return _as_rows(source, _stored(rows)[:limit])


def rows_to_learn_from(source: EventSource, until: int | None = None) -> FeatureRows:
    """A fair draw of MOST_ROWS among the last WINDOW usable events up to the row number `until`.

    Only what an analyst confirmed as a threat is left out. What a detector itself flagged stays: a detector that is
    taught without it flags more each time. Keys are digests, so the smallest of them are a draw, the same each time.
    """
    rows = newest(source, WINDOW).exclude(decision__in=DROPPED)
    rows = rows.exclude(detection__status=Detection.Status.CONFIRMED)
    if until is not None:
        rows = rows.filter(pk__lte=until)
    drawn = heapq.nsmallest(MOST_ROWS, _stored(rows)[:WINDOW].iterator(2_000), key=lambda row: bytes(row[1]))
    return _as_rows(source, drawn)


def _all_events() -> int:
    ends = Event.objects.aggregate(first=Min("pk"), last=Max("pk"))
    return (ends["last"] or 0) - (ends["first"] or 0) + 1


def _counted(source: EventSource, after: dt.datetime | None, what: Combinable) -> int:
    kept = timezone.now() - dt.timedelta(days=source.retention_days)
    minutes = source.minutes.filter(minute__gt=max(kept, after or kept))
    return int(minutes.aggregate(n=Sum(what))["n"] or 0)


def _stored(rows: EventQuerySet) -> "QuerySet[Event, Any]":
    return rows.values_list("pk", "key", "feature_set_id", "features")


def _as_rows(source: EventSource, stored: Iterable[Any]) -> FeatureRows:
    listed = sorted(stored, key=lambda row: bytes(row[1]))
    numbers = np.array([row[0] for row in listed], np.int64)
    sets = FeatureSet.objects.in_bulk({row[2] for row in listed})
    names = tuple(sets[max(sets)].names) if sets else ()
    values = np.full((len(listed), len(names)), np.nan)
    for pk, one in sets.items():
        places = [place for place, row in enumerate(listed) if row[2] == pk]
        _place(values, places, b"".join(bytes(listed[place][3]) for place in places), one.names, names)
    digest = hashlib.sha256("\0".join((source.line, *names)).encode())
    digest.update(values.tobytes())
    until = int(numbers.max(initial=0))
    return FeatureRows(names, values, np.argsort(-numbers), until, digest.hexdigest())


def _place(values: Values, places: Sequence[int], raw: bytes, have: Sequence[str], want: Sequence[str]) -> None:
    """Write the rows of one feature set into the columns of the same names."""
    found = np.frombuffer(raw, np.float64).reshape(len(places), len(have))
    column = {name: index for index, name in enumerate(want)}
    shared = [index for index, name in enumerate(have) if name in column]
    values[np.ix_(places, [column[have[index]] for index in shared])] = found[:, shared]
