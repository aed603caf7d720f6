"""The taxonomy as admins see it: every category with its labels and how much they are used, and the steps so far."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from classifier.ml.taxonomy_map import standing
from classifier.services.rereading import job_of
from incidents.models import Category, Incident, Label, Path, TaxonomyStep
from incidents.services import taxonomy_looks
from workers.models import Job

Kind, Status = TaxonomyStep.Kind, Incident.Status
COUNTED_STEPS = 5  # the newest that may have reports to look at, whose number the list of steps tells
SENTENCES = {
    Kind.ADD: gettext_noop("“%(what)s” added"),
    Kind.RENAME: gettext_noop("“%(what)s” renamed to “%(into)s”"),
    Kind.MERGE: gettext_noop("“%(what)s” merged into “%(into)s”"),
    Kind.SPLIT: gettext_noop("“%(what)s” split into “%(into)s”"),
    Kind.MOVE: gettext_noop("“%(what)s” moved to “%(into)s”"),
    Kind.RETIRE: gettext_noop("“%(what)s” retired"),
}


@dataclass(frozen=True)
class Entry:
    """A label with how many decisions stand on it, and how many undecided reports it is suggested for."""

    path: Path
    labels: int
    waiting: int


@dataclass(frozen=True)
class Branch:
    """A category; a label with several categories stands under each."""

    category: Category
    entries: Sequence[Entry]

    @property
    def labels(self) -> int:
        return sum(entry.labels for entry in self.entries)


@dataclass(frozen=True)
class StepRow:
    """A step; `left`: reports still to be looked at, None where they are not counted."""

    step: TaxonomyStep
    stands: bool
    left: int | None

    @property
    def sentence(self) -> str:
        return sentence_of(self.step)

    @property
    def asks(self) -> bool:
        """Whether people may have reports to look at after it."""
        return self.stands and self.step.kind in taxonomy_looks.ASKING


@dataclass(frozen=True)
class StepPage:
    """A step; `paths`: those that it made or took out of use, as they are today; `job`: None once the list follows."""

    row: StepRow
    paths: Sequence[Path]
    job: Job | None
    look: str

    @property
    def follows(self) -> bool:
        """Whether the list of reports is still following."""
        return self.row.step.read_at is None and not self.stuck

    @property
    def stuck(self) -> bool:
        """Whether it does not follow any more: a person has to queue the job again."""
        over = self.job is None or self.job.status in {Job.Status.FAILED, Job.Status.CANCELLED}
        return self.row.step.read_at is None and over


def tree() -> list[Branch]:
    """The labels in use, by category; a constant number of queries."""
    labels, waiting = _labels_by_path(), _waiting_by_names()
    below: dict[Category, list[Entry]] = defaultdict(list)
    for path in Path.objects.exclude(state__in=[Path.State.MERGED, Path.State.RETIRED]).with_names():
        entry = Entry(path, labels[path.pk], waiting[" or ".join(path.category_names), path.sub_category_name])
        for category in path.categories.all():
            if path.state == Path.State.LIVE or entry.labels or entry.waiting:
                below[category].append(entry)
    return [Branch(category, below[category]) for category in sorted(below, key=lambda one: one.name)]


def steps(page: Iterable[TaxonomyStep]) -> list[StepRow]:
    """The rows of a page of steps."""
    valid, counted, rows = standing_numbers(), 0, []
    for step in page:
        asks = step.pk in valid and step.kind in taxonomy_looks.ASKING
        left = taxonomy_looks.left(step) if asks and counted < COUNTED_STEPS else None
        counted += asks
        rows.append(StepRow(step, step.pk in valid, left))
    return rows


def standing_numbers() -> set[int]:
    return {step.pk for step in standing(TaxonomyStep.objects.parts())}


def sentence_of(step: TaxonomyStep) -> str:
    """What a step did, in words of that time."""
    if step.undoes:
        return _("Step %(number)s undone: %(what)s") % {
            "number": step.undoes_id,
            "what": sentence_of(step.undoes),
        }
    names = {name: "”, “".join(step.words[name]) for name in ("what", "into")}
    return _(SENTENCES[Kind(step.kind)]) % names


def step_page(step: TaxonomyStep) -> StepPage:
    valid = standing_numbers()
    job = None if step.read_at else job_of(step)
    rows = Path.objects.with_names().in_bulk({*step.part.opens, *step.part.closes})
    return StepPage(
        row=StepRow(step, step.pk in valid, taxonomy_looks.left(step) if step.pk in valid else None),
        paths=sorted(rows.values(), key=lambda path: path.key),
        job=job,
        look=taxonomy_looks.address_query(step),
    )


def to_json(rows: Iterable[Branch]) -> list[dict[str, Any]]:
    return [
        {
            "category": branch.category.name,
            "labels": [
                {
                    "key": entry.path.key,
                    "sub_category": entry.path.sub_category_name,
                    "state": entry.path.state,
                    "decided": entry.labels,
                    "waiting": entry.waiting,
                }
                for entry in branch.entries
            ],
        }
        for branch in rows
    ]


def step_to_json(row: StepRow) -> dict[str, Any]:
    step = row.step
    return {
        "number": step.pk,
        "kind": step.kind,
        "words": row.sentence,
        "by": step.by.username if step.by else None,
        "reason": step.reason,
        "at": step.created_at.isoformat(timespec="seconds"),
        "stands": row.stands,
        "undoes": step.undoes_id,
        "to_look_at": row.left,
        "asks_for_training": step.asks_for_training,
        "list_follows": step.read_at is not None,
    }


def _labels_by_path() -> Counter[int]:
    """Decisions that stand, by the label that they read as."""
    links = Label.paths.through.objects.filter(label__current_of__isnull=False).order_by()
    reading, found = Path.objects.reading(), Counter[int]()
    for path, number in links.values_list("path").annotate(number=Count("*")):
        today = reading.of(path)
        if today is not None:
            found[today] += number
    return found


def _waiting_by_names() -> Counter[tuple[str, str]]:
    """Undecided reports by the categories and sub-categories that are suggested."""
    rows = Incident.objects.filter(status=Status.CLASSIFIED).order_by()
    counted = rows.values_list("current_category", "current_sub_category").annotate(number=Count("*"))
    return Counter({(category, sub_category): number for category, sub_category, number in counted})
