"""What the pages of detections show, and what an incident shows of those behind it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from events.models import Detection, Event
from events.services.bars import Bars, bars
from events.services.entity_page import EventLine, event_lines
from incidents.models import Incident

TABS = {
    "open": (_("Open"), (Detection.Status.OPEN,)),
    "confirmed": (_("Confirmed"), (Detection.Status.CONFIRMED,)),
    "dismissed": (_("Dismissed"), (Detection.Status.DISMISSED,)),
    "all": (_("All"), tuple(Detection.Status)),
}
SHOWN_EVENTS = 20
MOST_COUNTED = 5_000  # events that the chart is drawn from
STEPS = (1, 5, 15, 60, 300, 900, 3600, 6 * 3600, 24 * 3600)  # seconds that a bar may stand for
MOST_BARS = 60
MOST_SHOWN = 20  # detections of one incident


@dataclass(frozen=True)
class DetectionPage:
    """`counted` is the number of events that the chart is drawn from: the newest ones, where there are very many."""

    detection: Detection
    events: Sequence[EventLine]
    history: Bars
    counted: int


@dataclass(frozen=True)
class Evidence:
    """The detections behind an incident; `more` of them are not listed."""

    detections: Sequence[Detection]
    more: int


def of_source(source_id: int | None) -> QuerySet[Detection]:
    return Detection.objects.all() if source_id is None else Detection.objects.filter(source_id=source_id)


def tab_of(asked: str) -> str:
    """An unknown or missing tab is what is open."""
    return asked if asked in TABS else "open"


def in_tab(detections: QuerySet[Detection], tab: str) -> QuerySet[Detection]:
    """The last seen first."""
    found = detections.filter(status__in=TABS[tab][1]).select_related("source", "entity", "incident")
    return found.order_by("-last_seen", "-pk")


def tab_counts(detections: QuerySet[Detection]) -> list[tuple[str, str, int]]:
    """(name, label, number of detections) of each tab."""
    by_status = dict(detections.order_by().values_list("status").annotate(Count("pk")))
    return [(name, str(label), sum(by_status.get(one, 0) for one in held)) for name, (label, held) in TABS.items()]


def detection_page(detection: Detection) -> DetectionPage:
    found = Event.objects.filter(detection=detection)
    times = list(found.order_by("-pk").values_list("at", flat=True)[:MOST_COUNTED])
    return DetectionPage(detection, event_lines(found, SHOWN_EVENTS), _history(times), len(times))


def evidence_of(incident: Incident) -> Evidence:
    rows = list(Detection.objects.with_parts().filter(incident=incident).order_by("-count", "pk"))
    return Evidence(rows[:MOST_SHOWN], max(0, len(rows) - MOST_SHOWN))


def _history(times: Sequence[dt.datetime]) -> Bars:
    """Events over the time from the first to the last of them, in the finest steps that fit."""
    if not times:
        return bars([], [])
    seconds = [int(time.timestamp()) for time in times]
    first, last = min(seconds), max(seconds)
    step = next((one for one in STEPS if (last - first) // one < MOST_BARS), 7 * STEPS[-1])
    begin = first // step
    counts = [0] * (last // step - begin + 1)
    for second in seconds:
        counts[second // step - begin] += 1
    starts = [dt.datetime.fromtimestamp((begin + place) * step, dt.UTC) for place in range(len(counts))]
    clock = "%H:%M:%S" if step < 60 else "%H:%M"
    shape = clock if starts[0].date() == starts[-1].date() else f"%d %b, {clock}"
    return bars(counts, [start.strftime(shape) for start in starts])
