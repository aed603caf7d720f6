"""What blind reports say of a promise: each is read once, and what it said is kept in the row of the promise."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass

from django.db.models import QuerySet

from classifier.ml.taxonomy_map import Reading
from classifier.models import ActingPolicy, Prediction, PromiseKind, PromiseWatch, Promotion
from incidents.models import Label, Path, TaxonomyStep

AT_ONCE = 5_000  # labels of a round; the next round goes on
LABELLED = (Label.Verdict.CONFIRM, Label.Verdict.CORRECT)
READ = ("policy", "promised", "taxonomy_step", "read_to", "labels", "kept", "reports", "stakes", "evidence")


@dataclass(frozen=True)
class Seen:
    """One blind report: what the champion had said, and what a person then decided."""

    prediction: Prediction
    truth: frozenset[int]
    reading: Reading  # both are compared in the taxonomy of today

    @property
    def decided(self) -> frozenset[int]:
        return frozenset(self.reading.ids(self.prediction.path_ids))

    @property
    def right(self) -> bool:
        return self.decided == self.truth

    @property
    def covered(self) -> bool:
        return self.truth <= frozenset(self.reading.ids(self.prediction.candidate_ids))


@dataclass(frozen=True)
class Word:
    """What a blind report says of a promise. Shares of misses: the promised one, and what a kept promise leaves
    possible (`classifier.ml.promise.left_possible`).
    """

    missed: bool
    promised: float
    possible: float


@dataclass(frozen=True)
class PromiseMade:
    """A promise in force. `word`: of a report, given the row so far; None where it says nothing of this promise."""

    kind: PromiseKind
    promotion: Promotion
    policy: ActingPolicy | None
    promised: float
    word: Callable[[Seen, PromiseWatch], Word | None]

    @property
    def labels(self) -> "QuerySet[Label]":
        """In the order of the decisions; those since a policy was saved, as its thresholds may follow from earlier
        ones.
        """
        since = self.policy.created_at if self.policy else self.promotion.created_at
        return audited(self.promotion).filter(created_at__gte=since).order_by("pk")


@dataclass(frozen=True)
class Watched:
    """The row of a promise, read on to the newest blind report and unsaved; `before`: as it is stored."""

    row: PromiseWatch
    before: PromiseWatch | None

    def keep(self) -> bool:
        """Store it; False where another sweeper has read on meanwhile, or nothing was there to read."""
        if self.before is None:
            made = {name: getattr(self.row, name) for name in READ}
            one = {"kind": self.row.kind, "promotion": self.row.promotion}
            return PromiseWatch.objects.get_or_create(**one, defaults=made)[1]
        now = {name: getattr(self.row, name) for name in READ}
        if now == {name: getattr(self.before, name) for name in READ}:
            return False
        unmoved = PromiseWatch.objects.filter(pk=self.before.pk, read_to=self.before.read_to, labels=self.before.labels)
        return unmoved.update(**now) == 1


def audited(promotion: Promotion) -> "QuerySet[Label]":
    """What people decided unseen of reports that the champion had read since that promotion."""
    return Label.objects.of_the_audit().filter(
        shown_model=promotion.version.name, verdict__in=LABELLED, created_at__gte=promotion.created_at
    )


def watched(made: PromiseMade) -> Watched:
    """What is known of a promise now.

    The row starts over where a decision that it rests on was undone or erased, or one before the last of them was
    stored late; where labels read otherwise than then; and where something else is promised.
    """
    step = TaxonomyStep.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    policy = made.policy.pk if made.policy else None
    before = PromiseWatch.objects.filter(kind=made.kind, promotion=made.promotion).first()
    row = copy(before)
    if (
        row is None
        or (row.policy_id, row.promised, row.taxonomy_step) != (policy, made.promised, step)
        or made.labels.filter(pk__lte=row.read_to).count() != row.labels
    ):
        row = PromiseWatch(
            kind=made.kind,
            promotion=made.promotion,
            policy=made.policy,
            promised=made.promised,
            taxonomy_step=step,
        )
    ahead = dict(made.labels.filter(pk__gt=row.read_to).values_list("pk", "text_revision")[:AT_ONCE])
    for one in _seen(made.promotion, ahead):
        if word := made.word(one, row):
            row.add(word.missed, word.promised, word.possible)
    row.read_to, row.labels = max(ahead, default=row.read_to), row.labels + len(ahead)
    return Watched(row, before)


def _seen(promotion: Promotion, texts: Mapping[int, int]) -> Iterator[Seen]:
    """`texts`: label -> the text that it is about."""
    chosen: dict[int, set[int]] = defaultdict(set)
    links = Label.paths.through.objects.filter(label__in=list(texts))
    for label, path in links.values_list("label_id", "path_id"):
        chosen[label].add(path)
    wanted = Prediction.objects.filter(version=promotion.version_id, text_revision__in=list(texts.values()))
    read = {one.text_revision_id: one for one in wanted.defer("distribution")}
    reading = Path.objects.reading()
    for label, text in texts.items():
        if text in read and (truth := reading.ids(chosen[label])):
            yield Seen(read[text], frozenset(truth), reading)
