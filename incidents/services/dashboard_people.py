"""What each person decided, and how long a decision took."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Count, Exists, OuterRef, Q, QuerySet, TextField
from django.utils.translation import gettext_lazy as _

from incidents.models import Label, Retraction, User
from incidents.services.dashboard_picture import Column, Picture
from incidents.services.dashboard_span import Span
from incidents.services.dashboard_sql import numbers, quantile

SEES_PEOPLE = "incidents.view_profile"  # what leads may; others see themselves alone
Verdict = Label.Verdict
SQLITE = "GROUP_CONCAT(CAST(%(expressions)s * 10 AS INTEGER))"
POSTGRESQL = "STRING_AGG(CAST(%(expressions)s * 10 AS BIGINT)::text, ',')"


class Tenths(Aggregate):
    """The numbers of a group in tenths, whole and joined by commas: written out in full they would take longest."""

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._by(SQLITE).as_sql(compiler, connection, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._by(POSTGRESQL).as_sql(compiler, connection, **context)

    def _by(self, template: str) -> "Tenths":
        tenths = self.copy()
        tenths.template = template
        return tenths


@dataclass(frozen=True)
class Person:
    """`corrected` is the share of the decisions with labels that changed what the model had suggested."""

    name: str
    decisions: int
    in_bulk: int
    undone: int
    corrected: float | None
    median: float | None
    p90: float | None


def people(span: Span, user: User) -> Picture:
    """Three queries."""
    within = Q(created_at__gte=span.since, created_at__lt=span.until, source=Label.Source.REVIEW)
    names = dict(_reviewers(within, user).values_list("pk", "username"))
    # By person, so that both databases take the index that holds all of this, and nothing is sorted.
    rows = list(_counted(within & Q(reviewer__in=names))) if names else []
    undone = dict(_undone(span))
    persons = sorted((_person(row, names, undone) for row in rows), key=lambda one: (-one.decisions, one.name))
    return Picture(
        columns=(
            *(Column(_("Person"), "text"), Column(_("Decisions")), Column(_("In bulk")), Column(_("Undone"))),
            *(
                Column(_("Corrected"), "share"),
                Column(_("Median time"), "seconds"),
                Column(_("90 % within"), "seconds"),
            ),
        ),
        rows=[
            (one.name, one.decisions, one.in_bulk, one.undone, one.corrected, one.median, one.p90) for one in persons
        ],
        empty=_("No decision in this time. Review the next report, or choose a longer time."),
        bars=persons,
        most=max((one.decisions for one in persons), default=0),
    )


def _reviewers(within: Q, user: User) -> QuerySet[User]:
    decided = User.objects.filter(Exists(Label.objects.filter(within, reviewer=OuterRef("pk"))))
    return decided if user.has_perm(SEES_PEOPLE) else decided.filter(pk=user.pk)


def _counted(within: Q) -> Any:
    single = Q(bulk=None)
    return (
        Label.objects.filter(within)
        .values("reviewer")
        .annotate(
            all=Count("*"),
            in_bulk=Count("bulk"),
            confirmed=Count("source", filter=single & Q(verdict=Verdict.CONFIRM)),
            corrected=Count("source", filter=single & Q(verdict=Verdict.CORRECT)),
            tenths=Tenths("seconds", filter=single),
        )
        .order_by("reviewer")
    )


def _undone(span: Span) -> Any:
    """By when they were undone: these are few, and the labels are found by their numbers."""
    within = Retraction.objects.filter(created_at__gte=span.since, created_at__lt=span.until)
    return within.values_list("label__reviewer").annotate(number=Count("*"))


def _person(row: Mapping[str, Any], names: Mapping[int, str], undone: Mapping[int, int]) -> Person:
    tenths = numbers(row["tenths"])
    labelled = row["confirmed"] + row["corrected"]
    median, p90 = quantile(tenths, 0.5), quantile(tenths, 0.9)
    return Person(
        name=names[row["reviewer"]],
        decisions=row["all"] - row["in_bulk"],
        in_bulk=row["in_bulk"],
        undone=undone.get(row["reviewer"], 0),
        corrected=row["corrected"] / labelled if labelled else None,
        median=None if median is None else median / 10,
        p90=None if p90 is None else p90 / 10,
    )
