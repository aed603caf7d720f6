"""The live list: everything above the threshold and a sample of the rest, so that it stays readable."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from events.models import Event, EventSource
from events.services.entity_page import EventLine, event_lines

Decision = Event.Decision
SHOWN = 30
MOST_COUNTED = 20_000  # new events that one refresh looks at
FIRST_LOOK = dt.timedelta(seconds=2)
GROUPS = {
    "flagged": (Decision.ABOVE, Decision.PICKED),
    "ordinary": (Decision.ORDINARY, Decision.UNSCORED),
    "dropped": (Decision.FILTERED, Decision.SUPPRESSED),
}
LABELS = {"flagged": "above the threshold or picked", "ordinary": "ordinary", "dropped": "left out by filters"}


@dataclass(frozen=True)
class LiveFilter:
    source: EventSource | None = None
    decision: str = ""
    q: str = ""


@dataclass(frozen=True)
class Group:
    """Events of one kind since the last look: how many came, how many are shown."""

    name: str
    total: int
    shown: int

    @property
    def label(self) -> str:
        return LABELS[self.name]


@dataclass(frozen=True)
class LivePage:
    """`newest` is where the next look begins. `sampled`: more came than are shown; `capped`: more than are counted."""

    lines: Sequence[EventLine]
    groups: Sequence[Group]
    total: int
    seconds: int
    newest: int
    at: dt.datetime
    sampled: bool
    capped: bool
    fresh: frozenset[int]

    @property
    def since(self) -> str:
        """Where the next look begins, as it stands in an address."""
        return f"{self.at.timestamp():.3f}"


def live_page(wanted: LiveFilter, after: int | None, since: dt.datetime | None, now: dt.datetime) -> LivePage:
    """What came after row `after`, which was the newest at `since`; without them, in the last two seconds."""
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    since = since or now - FIRST_LOOK
    came = _came(wanted, after, since, newest)
    by_group = {name: [pk for pk, one in came if one in held] for name, held in GROUPS.items()}
    sampled = len(came) > SHOWN
    shown = _sample(by_group) if sampled else {}
    picked = {pk for held in shown.values() for pk in held}
    rows = Event.objects.filter(pk__in=picked) if sampled else _matching(wanted, max(0, newest - MOST_COUNTED), newest)
    return LivePage(
        lines=event_lines(rows, SHOWN),
        groups=[Group(name, len(held), len(shown.get(name, held))) for name, held in by_group.items()],
        total=len(came),
        seconds=max(1, round((now - since).total_seconds())),
        newest=newest,
        at=now,
        sampled=sampled,
        capped=len(came) == MOST_COUNTED,
        fresh=frozenset(pk for pk, _ in came) if not sampled else frozenset(),
    )


def _came(wanted: LiveFilter, after: int | None, since: dt.datetime, newest: int) -> list[tuple[int, str]]:
    """The new events, the newest first: row number and decision."""
    rows = _matching(wanted, max(newest - MOST_COUNTED, after or 0), newest)
    if after is None:
        rows = rows.filter(received_at__gte=since)
    return list(rows.order_by("-pk").values_list("pk", "decision")[:MOST_COUNTED])


def _matching(wanted: LiveFilter, after: int, newest: int) -> QuerySet[Event]:
    rows = Event.objects.filter(pk__gt=after, pk__lte=newest)
    if wanted.source is not None:
        rows = rows.filter(source=wanted.source)
    if wanted.decision:
        rows = rows.filter(decision__in=GROUPS[wanted.decision])
    if wanted.q:
        text = rows.annotate(text=Cast("fields", TextField()))
        rows = text.filter(Q(text__icontains=wanted.q) | Q(entity__name__icontains=wanted.q))
    return rows


def _sample(by_group: dict[str, list[int]]) -> dict[str, list[int]]:
    """Flagged events before all others, the newest of them; what is left is shared by ordinary and dropped ones."""
    flagged = by_group["flagged"][:SHOWN]
    room = SHOWN - len(flagged)
    dropped = min(len(by_group["dropped"]), max(room // 3, room - len(by_group["ordinary"])))
    return {
        "flagged": flagged,
        "dropped": random.sample(by_group["dropped"], dropped),
        "ordinary": random.sample(by_group["ordinary"], min(len(by_group["ordinary"]), room - dropped)),
    }
