"""What the pages of filters show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event, Filter
from events.models.filter import FilterQuerySet
from events.services.filter_changes import has_fresh_dry_run
from events.stream.sigma import InvalidRule, UnsupportedRule, compile_rule
from incidents.models import AuditEvent, User

LONGEST_WORDS = 300
HISTORY = 10
PREFIX = "filter."
Kind, Decision = Filter.Kind, Event.Decision
# Tab -> its label and the rows in it; what has expired is shown by itself.
TABS: Mapping[str, tuple[str | Promise, Q]] = {
    "all": (gettext_lazy("All"), Q()),
    "filters": (gettext_lazy("Filters"), Q(kind=Kind.FILTER)),
    "suppressions": (gettext_lazy("Suppressions"), Q(kind=Kind.SUPPRESSION)),
    "rules": (gettext_lazy("Detection rules"), Q(kind=Kind.RULE)),
}
EXPIRED = "expired"


@dataclass(frozen=True)
class FilterCard:
    """`place` in the order of all, from 1; None on the page of one. `problem`: why its condition cannot be used."""

    row: Filter
    place: int | None = None
    problem: str = ""

    @property
    def state(self) -> str:
        """A state with a look of its own."""
        if self.problem:
            return "failed"
        if self.row.is_expired:
            return "archived"
        return "ok" if self.row.enabled else "stopped"

    @property
    def state_label(self) -> str:
        words = {"failed": _("Cannot be read"), "archived": _("Expired"), "ok": _("In force"), "stopped": _("Off")}
        return words[self.state]

    @property
    def is_tried(self) -> bool:
        """Whether it may be enabled as it stands."""
        return self.row.origin == Filter.Origin.DEFAULT or has_fresh_dry_run(self.row)


@dataclass(frozen=True)
class Change:
    verb: str
    actor: User | None
    at: datetime


@dataclass(frozen=True)
class Example:
    event: Event
    words: str


@dataclass(frozen=True)
class Trial:
    """The last dry run of the present condition."""

    found: Mapping[str, Any]
    examples: Sequence[Example]

    @property
    def share(self) -> float:
        """Of the events looked at, in percent."""
        matched, examined = int(self.found["matched"]), int(self.found["examined"])
        return 100 * matched / max(examined, 1)

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.found["at"])

    @property
    def decisions(self) -> list[tuple[str, int]]:
        return [(str(Decision(name).label), n) for name, n in sorted(self.found["decisions"].items())]


def tab_of(asked: str) -> str:
    return asked if asked in {*TABS, EXPIRED} else "all"


def filters_in(tab: str) -> FilterQuerySet:
    over = Q(expires_at__lte=timezone.now())
    rows = Filter.objects.select_related("source", "owner").order_by("position", "pk")
    return rows.filter(over) if tab == EXPIRED else rows.exclude(over).filter(TABS[tab][1])


def tabs() -> list[tuple[str, str, int]]:
    """(name, label, number of rows) of each tab."""
    shown = [(name, str(label), filters_in(name).count()) for name, (label, _kept) in TABS.items()]
    return [*shown, (EXPIRED, _("Expired"), filters_in(EXPIRED).count())]


def filter_cards(rows: Sequence[Filter]) -> list[FilterCard]:
    places = {pk: place for place, pk in enumerate(Filter.objects.values_list("pk", flat=True), start=1)}
    return [filter_card(row, places.get(row.pk)) for row in rows]


def filter_card(row: Filter, place: int | None = None) -> FilterCard:
    return FilterCard(row, place, _problem(row.sigma))


def trial_of(row: Filter) -> Trial | None:
    found = row.dry_run
    if found is None or not has_fresh_dry_run(row):
        return None
    events = Event.objects.select_related("source", "entity").in_bulk(found["examples"])
    shown = [events[pk] for pk in found["examples"] if pk in events]
    return Trial(found, [Example(one, _words(one)) for one in shown])


def history_of(row: Filter) -> list[Change]:
    """The last changes, the newest first."""
    events = AuditEvent.objects.filter(kind__startswith=PREFIX, detail__filter=row.pk).select_related("actor")
    return [Change(one.kind.removeprefix(PREFIX), one.actor, one.created_at) for one in events[:HISTORY]]


@lru_cache(maxsize=1000)
def _problem(sigma: str) -> str:
    """Compiling costs half a millisecond, and a page shows a hundred rules."""
    try:
        compile_rule(sigma)
    except (InvalidRule, UnsupportedRule) as error:
        return str(error)
    return ""


def _words(event: Event) -> str:
    message = event.fields.get("message")
    shown = message if isinstance(message, str) and message else ", ".join(f"{k}: {v}" for k, v in event.fields.items())
    return shown if len(shown) <= LONGEST_WORDS else f"{shown[:LONGEST_WORDS]} ..."
