"""What the list of reports shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.functional import Promise

from classifier.services.reading import prediction_states
from incidents.models import Incident
from incidents.services.merging import merged_counts
from incidents.services.queue_order import Order, Place, Stretch, read

PAGE_SIZE = 30
# What a row of the list, and the state of its prediction, is made of: half of the columns stay where they are.
SHOWN = (
    "source",
    "status",
    "created_at",
    "decided_at",
    "severity",
    "blind",
    "twins",
    "wakes_at",
    "awaits_answer",
    "current_category",
    "current_sub_category",
    "current_confidence",
    "current_unsure",
    "current_model",
    "current_anomaly",
    "current_label_id",
    "standing_category",
    "current_text__title",
    "current_text__text",
    "claimed_by__username",
    "assignee__username",
)
FEW = 3_000  # reports that are better found first and put in order then; more are met soon enough in their order


@dataclass(frozen=True)
class QueueRow:
    """A report of the list; `alike` others of the list are worded almost as it is and folded into this row."""

    incident: Incident
    prediction_state: str
    alike: int = 0
    joined: int = 0  # reports that are merged into it

    @property
    def source(self) -> str | Promise:
        """By its name; Django looks through all choices anew for each row."""
        return Incident.Source(self.incident.source).label


@dataclass(frozen=True)
class QueuePage:
    rows: Sequence[QueueRow]
    before: Place | None
    after: Place | None


def queue_page(
    reports: QuerySet[Incident],
    order: Order,
    *,
    total: int,
    folds: bool,
    after: Place | None = None,
    before: Place | None = None,
) -> QueuePage:
    """One page of these reports, in a constant number of queries; `folds` keeps one row of those worded alike.

    Which one does not hang on the page: the first filed, or the last where the newest come first. So no page loses or
    repeats one. `total`: how many reports there are, about.
    """
    shown: QuerySet[Incident] = reports
    if total <= FEW:
        shown = Incident.objects.numbered(_one_of_each_few(reports, order) if folds else _ids(reports))
    elif folds:
        shown = reports.filter(~Exists(_stands_before(reports, order)))
    stretch = read(shown, order, PAGE_SIZE, after=after, before=before)
    rows = _rows(stretch)
    return QueuePage(queue_rows(rows, _alike(reports, rows) if folds else {}), stretch.before, stretch.after)


def queue_rows(incidents: Sequence[Incident], alike: Mapping[str, int] | None = None) -> list[QueueRow]:
    """Reports with the state of their predictions, in a constant number of queries."""
    states, joined, alike = prediction_states(incidents), merged_counts(incidents), alike or {}
    return [
        QueueRow(one, states[one.pk], max(alike.get(one.twins, 1) - 1, 0), joined.get(one.pk, 0)) for one in incidents
    ]


def _ids(reports: QuerySet[Incident]) -> list[int]:
    return list(reports.order_by().values_list("pk", flat=True))


def by_facets(reports: QuerySet[Incident]) -> QuerySet[Incident]:
    """The same reports of one state: SQLite goes by the index `incident_facets` then, which has all that filters ask.

    The others look as good to it, though for these it reads each row: it knows no generated column to be in an index.
    """
    return reports.filter(standing_category__gte="")


def _one_of_each_few(reports: QuerySet[Incident], order: Order) -> list[int]:
    """As the condition of `_stands_before` leaves them; read here, a few are found sooner than by comparing each."""
    pairs = Incident.objects.numbered(_ids(by_facets(reports))).values_list("pk", "twins")
    shown: dict[str | int, int] = {}
    for pk, twins in sorted(pairs, reverse=order.newest_first):
        shown.setdefault(twins or pk, pk)
    return list(shown.values())


def _stands_before(reports: QuerySet[Incident], order: Order) -> QuerySet[Incident]:
    """A report of the list that is worded alike, and shown instead."""
    side = "pk__gt" if order.newest_first else "pk__lt"
    return reports.order_by().filter(**{"twins": OuterRef("twins"), side: OuterRef("pk")}).exclude(twins="")


def _alike(reports: QuerySet[Incident], rows: Iterable[Incident]) -> dict[str, int]:
    """How many reports of the list share the wording of each of these."""
    keys = {one.twins for one in rows if one.twins}
    counted = reports.order_by().filter(twins__in=keys).values_list("twins").annotate(n=Count("*"))
    return dict(counted)


def _rows(stretch: Stretch) -> list[Incident]:
    rows = Incident.objects.select_related("current_text", "claimed_by", "assignee").only(*SHOWN)
    found = rows.in_bulk(stretch.ids)
    return [found[pk] for pk in stretch.ids if pk in found]


def counts_of(
    tabs: Mapping[str, tuple[str | Promise, Iterable[str]]], by_status: dict[str, int]
) -> list[tuple[str, str | Promise, int]]:
    """(name, label, number of reports) of each tab."""
    return [(name, label, sum(by_status.get(one, 0) for one in held)) for name, (label, held) in tabs.items()]
