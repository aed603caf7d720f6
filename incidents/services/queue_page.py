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
FEW = 3_000  # reports that are better found first and put in order then; more are met soon enough in their order


@dataclass(frozen=True)
class QueueRow:
    """A report of the list; `alike` others of the list are worded almost as it is and folded into this row."""

    incident: Incident
    prediction_state: str
    alike: int = 0
    joined: int = 0  # reports that are merged into it


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
    if total <= FEW:
        shown = Incident.objects.numbered(_one_of_each_few(reports, order) if folds else _ids(reports))
    else:
        shown = reports.filter(~Exists(_stands_before(reports, order))) if folds else reports
    stretch = read(shown, order, PAGE_SIZE, after=after, before=before)
    return QueuePage(
        queue_rows(_rows(stretch), _alike(reports, stretch) if folds else {}), stretch.before, stretch.after
    )


def queue_rows(incidents: Sequence[Incident], alike: Mapping[str, int] | None = None) -> list[QueueRow]:
    """Reports with the state of their predictions, in a constant number of queries."""
    states, joined, alike = prediction_states(incidents), merged_counts(incidents), alike or {}
    return [
        QueueRow(one, states[one.pk], max(alike.get(one.twins, 1) - 1, 0), joined.get(one.pk, 0)) for one in incidents
    ]


def _ids(reports: QuerySet[Incident]) -> list[int]:
    return list(reports.order_by().values_list("pk", flat=True))


def _one_of_each_few(reports: QuerySet[Incident], order: Order) -> list[int]:
    """As the condition of `_stands_before` leaves them; read here, a few are found sooner than by comparing each."""
    pairs = Incident.objects.numbered(_ids(reports)).values_list("pk", "twins")
    shown: dict[str | int, int] = {}
    for pk, twins in sorted(pairs, reverse=order.newest_first):
        shown.setdefault(twins or pk, pk)
    return list(shown.values())


def _stands_before(reports: QuerySet[Incident], order: Order) -> QuerySet[Incident]:
    """A report of the list that is worded alike, and shown instead."""
    side = "pk__gt" if order.newest_first else "pk__lt"
    return reports.order_by().filter(**{"twins": OuterRef("twins"), side: OuterRef("pk")}).exclude(twins="")


def _alike(reports: QuerySet[Incident], stretch: Stretch) -> dict[str, int]:
    """How many reports of the list share the wording of each of these."""
    keys = set(Incident.objects.filter(pk__in=stretch.ids).exclude(twins="").values_list("twins", flat=True))
    counted = reports.order_by().filter(twins__in=keys).values_list("twins").annotate(n=Count("*"))
    return dict(counted)


def _rows(stretch: Stretch) -> list[Incident]:
    found = Incident.objects.with_words_and_people().select_related("assignee").in_bulk(stretch.ids)
    return [found[pk] for pk in stretch.ids if pk in found]


def counts_of(
    tabs: Mapping[str, tuple[str | Promise, Iterable[str]]], by_status: dict[str, int]
) -> list[tuple[str, str | Promise, int]]:
    """(name, label, number of reports) of each tab."""
    return [(name, label, sum(by_status.get(one, 0) for one in held)) for name, (label, held) in tabs.items()]
