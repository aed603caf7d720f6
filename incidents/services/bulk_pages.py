"""What the pages of bulk runs show."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import BooleanField, Case, Count, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classifier.ml.taxonomy import join_labels
from incidents.models import BulkRun, Incident, Path, User
from incidents.services.bulk import DECIDABLE, OPEN, Wish, asked_about, decidable, disputed, free_for

EXAMPLES = 10
Status, Split = Incident.Status, Incident.Split
DECIDED, SNOOZED, BLIND = _("decided, rejected or merged already"), _("waiting for an answer or a date"), _("blind")
HELD, UNREAD = _("held by somebody else"), _("without a suggestion")
DISPUTED, ASKED_ABOUT = _("disputed: a lead settles them"), _("with an unread message of their reporter")


class _Group(NamedTuple):
    """Reports that are alike in all that a preview asks."""

    status: str
    split: str
    category: str
    sub_category: str
    blind: bool
    free: bool
    read: bool
    disputed: bool
    asked_about: bool
    reports: int


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


def preview(rows: "QuerySet[Incident]", wish: Wish, user: User) -> Preview:
    """Count in one pass over the reports; the examples are the first filed."""
    groups = _groups(rows, user)
    fit = [one for one in groups if not _reason(one, wish)]
    out: Counter[str | Promise] = Counter()
    for one in groups:
        if reason := _reason(one, wish):
            out[reason] += one.reports
    return Preview(
        decided=sum(one.reports for one in fit),
        changed=sum(one.reports for one in fit if _changes(one, wish)),
        left_out=out.most_common(),
        statuses=[(Status(name).label, count) for name, count in _counted((one.status, one.reports) for one in fit)],
        categories=_counted((one.category, one.reports) for one in fit),
        classes=_classes(fit, wish),
        examples=list(decidable(rows, user, wish).select_related("current_text").order_by("pk")[:EXAMPLES]),
    )


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


def _groups(rows: "QuerySet[Incident]", user: User) -> list[_Group]:
    chosen = rows.order_by().annotate(
        free=_whether(free_for(user)),
        read=_whether(~Q(current_model="")),
        disputed=_whether(disputed()),
        asked_about=_whether(asked_about()),
    )
    columns = ("status", "split", "current_category", "current_sub_category", "blind")
    alike = chosen.values_list(*columns, "free", "read", "disputed", "asked_about")
    return [_Group(*row) for row in alike.annotate(reports=Count("pk")).order_by()]


def _whether(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _reason(group: _Group, wish: Wish) -> str | Promise:
    """Why these reports are left out; empty when they are not."""
    if group.status not in DECIDABLE:
        return SNOOZED if group.status == Status.WAITING_REPORTER else DECIDED
    if group.blind:
        return BLIND
    if group.disputed or group.asked_about:
        return DISPUTED if group.disputed else ASKED_ABOUT
    if not group.free:
        return HELD
    return UNREAD if wish.as_suggested and not group.read else ""


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
