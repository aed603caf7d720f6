"""What the pages of bulk runs show."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, Count, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classifier.ml.taxonomy import join_labels
from incidents.models import BulkRun, Incident, Path, ReporterMessage, SecondOpinion, User
from incidents.models.incident import IncidentQuerySet
from incidents.services.bulk import DECIDABLE, OPEN, Wish, asked_about, decidable, disputed, free_for
from incidents.services.second_opinions import reports_held_by

EXAMPLES = 10
Status, Split = Incident.Status, Incident.Split
DECIDED, SNOOZED, BLIND = _("decided, rejected or merged already"), _("waiting for an answer or a date"), _("blind")
HELD, UNREAD = _("held by somebody else"), _("without a suggestion")
DISPUTED, ASKED_ABOUT = _("disputed: a lead settles them"), _("with an unread message of their reporter")


# In the order of the index `incident_bulk`.
COLUMNS = ("status", "current_category", "current_sub_category", "split", "blind", "current_model")


class _Group(NamedTuple):
    """Reports that are alike in all that a preview asks."""

    status: str
    category: str
    sub_category: str
    split: str
    blind: bool
    model: str
    free: bool = True
    disputed: bool = False
    asked_about: bool = False
    reports: int = 1


@dataclass(frozen=True)
class Class:
    """Labels that the next training set gains of one class, by split."""

    name: str
    counts: Counter[str]

    @property
    def by_split(self) -> list[int]:
        return [self.counts[split] for split in (Split.TRAIN, Split.VALIDATION, Split.TEST)]

    @property
    def total(self) -> int:
        return self.counts.total()


@dataclass(frozen=True)
class Preview:
    """What a run would do now: to how many reports, why not to others, and what the next training set gains."""

    decided: int
    changed: int  # get other labels than those suggested
    left_out: Sequence[tuple[str | Promise, int]]
    statuses: Sequence[tuple[str | Promise, int]]
    categories: Sequence[tuple[str, int]]
    classes: Sequence[Class]
    examples: Sequence[Incident]

    @property
    def splits(self) -> list[int]:
        """Labels gained by each split."""
        return [sum(one.by_split[place] for one in self.classes) for place in range(3)]


def preview(rows: IncidentQuerySet, wish: Wish, user: User, *, disguised: Sequence[Incident] = ()) -> Preview:
    """Count the reports; the examples are the first filed.

    `disguised`: reports that are not among `rows` and look to this person as if they held them: counted as these are,
    since what is left out would tell that they are asked for a second opinion.
    """
    groups = [*_groups(rows, user), *map(_group_of, disguised)]
    fit = [one for one in groups if not _reason(one, wish)]
    out: Counter[str | Promise] = Counter()
    for one in groups:
        if reason := _reason(one, wish):
            out[reason] += one.reports
    for status, number in _counts(rows.order_by().exclude(status__in=DECIDABLE), "status").items():
        out[SNOOZED if status == (Status.WAITING_REPORTER,) else DECIDED] += number
    return Preview(
        decided=sum(one.reports for one in fit),
        changed=sum(one.reports for one in fit if _changes(one, wish)),
        left_out=out.most_common(),
        statuses=[(Status(name).label, count) for name, count in _counted((one.status, one.reports) for one in fit)],
        categories=_counted((one.category, one.reports) for one in fit),
        classes=_classes(fit, wish),
        examples=_examples(
            decidable(rows, user, wish), fit, [one for one in disguised if not _reason(_group_of(one), wish)]
        ),
    )


@dataclass(frozen=True)
class Alike:
    """Undecided reports that are worded almost as some others are; `twins` are what they share with these."""

    twins: Sequence[str]
    reports: int


def alike(incidents: Sequence[int], user: User, wish: Wish) -> Alike:
    """What else a run could decide together with these reports."""
    keys = Incident.objects.filter(pk__in=incidents).exclude(twins="").order_by("twins").values_list("twins", flat=True)
    twins = list(keys.distinct())
    others = Incident.objects.filter(twins__in=twins).exclude(pk__in=[*incidents, *reports_held_by(user)])
    return Alike(twins, decidable(others, user, wish).count() if twins else 0)


def runs() -> "QuerySet[BulkRun]":
    """All runs, the newest first."""
    return BulkRun.objects.select_related("by", "reverted_by").prefetch_related("paths").order_by("-pk")


@dataclass(frozen=True)
class Progress:
    """How far a run is, or its taking back."""

    run: BulkRun

    @property
    def is_open(self) -> bool:
        return self.run.status in OPEN

    @property
    def is_taken_back(self) -> bool:
        return self.run.status in (BulkRun.Status.REVERTING, BulkRun.Status.REVERTED)

    @property
    def can_be_taken_back(self) -> bool:
        return not self.is_open and not self.is_taken_back and self.run.decided > 0

    @property
    def total(self) -> int:
        return self.run.decided if self.is_taken_back else self.run.total

    @property
    def done(self) -> int:
        return self.run.reverted if self.is_taken_back else self.run.decided + self.run.left_out

    @property
    def not_reached(self) -> int:
        return self.run.total - self.run.decided - self.run.left_out

    @property
    def stays(self) -> int:
        """Decisions of the run that taking it back left alone, because somebody had decided anew."""
        return self.run.decided - self.run.reverted


def _groups(rows: IncidentQuerySet, user: User) -> list[_Group]:
    """The undecided ones: all in one pass over an index, and apart from them the few that need a closer look."""
    undecided = rows.order_by().filter(status__in=DECIDABLE)
    closer = undecided.numbered(_to_look_at()).annotate(
        free=_whether(free_for(user)), disputed=_whether(disputed()), asked_about=_whether(asked_about())
    )
    counted = _counts(closer, *COLUMNS, "free", "disputed", "asked_about")
    few = [_Group(*values)._replace(reports=number) for values, number in counted.items()]
    others = _counts(undecided, *COLUMNS)
    for one in few:
        others[one[: len(COLUMNS)]] -= one.reports
    return [*few, *(_Group(*values)._replace(reports=number) for values, number in others.items() if number > 0)]


def _to_look_at() -> list[int]:
    """What somebody may hold, and what is disputed or asked about."""
    held = Incident.objects.filter(status=Status.IN_REVIEW).order_by().values_list("pk")
    two_said = SecondOpinion.objects.filter(state=SecondOpinion.State.DISPUTED).order_by().values_list("incident")
    asked = ReporterMessage.objects.waiting().order_by().values_list("incident")
    return [pk for (pk,) in held.union(two_said, asked)]


def _counts(rows: "QuerySet[Incident]", *columns: str) -> Counter[tuple[Any, ...]]:
    counted = rows.values_list(*columns).annotate(number=Count("*")).order_by()
    return Counter({tuple(values): number for *values, number in counted})


def _group_of(one: Incident) -> _Group:
    """Of a single report that this person holds."""
    return _Group(*(getattr(one, name) for name in COLUMNS))


def _examples(found: "QuerySet[Incident]", fit: Iterable[_Group], disguised: Iterable[Incident]) -> list[Incident]:
    """The first filed of each state, each by the index of its age, and of these the first."""
    first = list(disguised)
    for status in {one.status for one in fit}:
        first += found.filter(status=status).select_related("current_text").order_by("created_at", "pk")[:EXAMPLES]
    return sorted(first, key=lambda one: (one.created_at, one.pk))[:EXAMPLES]


def _whether(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _reason(group: _Group, wish: Wish) -> str | Promise:
    """Why these reports, which are undecided, are left out; empty when they are not."""
    if group.blind:
        return BLIND
    if group.disputed or group.asked_about:
        return DISPUTED if group.disputed else ASKED_ABOUT
    if not group.free:
        return HELD
    return UNREAD if wish.as_suggested and not group.model else ""


def _changes(group: _Group, wish: Wish) -> bool:
    """Whether the reports get other labels than what was suggested."""
    return bool(wish.paths) and (group.category, group.sub_category) != _names(wish.paths)


def _names(paths: Iterable[Path]) -> tuple[str, str]:
    """As `current_category` and `current_sub_category` hold them."""
    chosen = list(paths)
    categories = join_labels(name for path in chosen for name in path.category_names)
    return categories, join_labels(path.sub_category_name for path in chosen)


def _classes(groups: Iterable[_Group], wish: Wish) -> list[Class]:
    gained: dict[str, Counter[str]] = {}
    for one in groups:
        suggested = " › ".join(name for name in (one.category, one.sub_category) if name)
        for name in [suggested] if wish.as_suggested else [str(path) for path in wish.paths]:
            gained.setdefault(name, Counter())[one.split] += one.reports
    return sorted((Class(name, counts) for name, counts in gained.items()), key=lambda one: (-one.total, one.name))


def _counted(pairs: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for name, count in pairs:
        counts[name] += count
    return counts.most_common()
