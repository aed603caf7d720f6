"""Two models on the same reports: accuracy, macro-F1 and each class side by side, with what is real of the difference.

All figures are of exact strings, as `metrics.evaluate` has them: both models are to be told in the same words. `one` is
the model that is looked at, `other` the one that it is compared with; a difference above 0 speaks for `one`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.ml.metrics import VIEWS
from classifier.ml.outcomes import Outcomes
from classifier.ml.significance import ALPHA, f1_interval, holm, macro_f1_difference, mcnemar, wilson

GAIN, LOSS, UNDECIDED, SAME = "gain", "loss", "undecided", "same"
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ranged:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class as one model has it. `predicted`: reports that it gives the label to."""

    precision: Ranged
    recall: Ranged
    f1: Ranged
    predicted: int


@dataclass(frozen=True, slots=True)
class ClassPair:
    """One class in both models.

    `gained` and `lost` count reports where exactly one of them answers rightly whether the label is this one; `p` is
    McNemar's, corrected for the number of classes (Holm). `verdict` is a gain or a loss where that is real, and F1
    does not speak against it.
    """

    label: str
    support: int
    one: ClassFigures
    other: ClassFigures
    difference: float  # of F1
    gained: int
    lost: int
    p: float
    verdict: str


@dataclass(frozen=True, slots=True)
class MacroF1:
    """`low` and `high` are the interval of the difference."""

    one: float
    other: float
    difference: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True, slots=True)
class ViewPair:
    """One view of the labels (`category`, `sub_category`, `both`) in both models."""

    name: str
    one: Ranged  # accuracy
    other: Ranged
    both_right: int
    gained: int  # right in `one` alone
    lost: int  # right in `other` alone
    both_wrong: int
    p: float  # McNemar's exact test
    verdict: str
    macro_f1: MacroF1
    classes: Sequence[ClassPair]  # the most frequent first

    @property
    def difference(self) -> float:
        return self.one.value - self.other.value


def compared(one: Outcomes, other: Outcomes) -> list[ViewPair]:
    """Every view of two models on the same reports in the same order; ValueError where they are not, or none."""
    if not len(one) or not np.array_equal(one.incident_ids, other.incident_ids):
        raise ValueError("only models that have sat the same test can be compared in pairs")
    return [_view(name, one, other) for name in VIEWS]


def verdict(p: float, gained: int, lost: int) -> str:
    if not gained and not lost:
        return SAME
    if p >= ALPHA:
        return UNDECIDED
    return GAIN if gained > lost else LOSS


def _view(name: str, one: Outcomes, other: Outcomes) -> ViewPair:
    truth, said, others = one.truths(name), one.labels(name), other.labels(name)
    right, also = (np.array([a == b for a, b in zip(truth, words, strict=True)], bool) for words in (said, others))
    gained, lost = int((right & ~also).sum()), int((also & ~right).sum())
    p = mcnemar(gained, lost)
    return ViewPair(
        name=name,
        one=_share(int(right.sum()), len(right)),
        other=_share(int(also.sum()), len(also)),
        both_right=int((right & also).sum()),
        gained=gained,
        lost=lost,
        both_wrong=int((~right & ~also).sum()),
        p=p,
        verdict=verdict(p, gained, lost),
        macro_f1=_macro_f1(truth, said, others),
        classes=_classes(truth, said, others),
    )


def _macro_f1(truth: Sequence[str], said: Sequence[str], others: Sequence[str]) -> MacroF1:
    found = macro_f1_difference(truth, said, others)
    told = GAIN if found.low > 0 else LOSS if found.high < 0 else SAME if said == others else UNDECIDED
    return MacroF1(found.one, found.other, found.difference, found.low, found.high, told)


def _classes(truth: Sequence[str], said: Sequence[str], others: Sequence[str]) -> list[ClassPair]:
    support = Counter(truth)
    labels = sorted({*truth, *said, *others}, key=lambda label: (-support[label], label))
    is_it, one, other = (
        {label: np.array([word == label for word in words], bool) for label in labels}
        for words in (truth, said, others)
    )
    moved = [_moved(is_it[label], one[label], other[label]) for label in labels]
    p_values = holm([mcnemar(*pair) for pair in moved])
    return [
        _class(label, is_it[label], one[label], other[label], pair, p)
        for label, pair, p in zip(labels, moved, p_values, strict=True)
    ]


def _moved(truth: Bools, one: Bools, other: Bools) -> tuple[int, int]:
    """Reports that only the first model, and only the other, sorts rightly into a class or out of it."""
    right, also = one == truth, other == truth
    return int((right & ~also).sum()), int((also & ~right).sum())


def _class(label: str, truth: Bools, one: Bools, other: Bools, moved: tuple[int, int], p: float) -> ClassPair:
    mine, theirs = _figures(truth, one), _figures(truth, other)
    difference = mine.f1.value - theirs.f1.value
    told = verdict(p, *moved)
    against = (told == GAIN and difference < 0) or (told == LOSS and difference > 0)
    return ClassPair(
        label, int(truth.sum()), mine, theirs, difference, *moved, p=p, verdict=UNDECIDED if against else told
    )


def _figures(truth: Bools, said: Bools) -> ClassFigures:
    tp, predicted, support = int((truth & said).sum()), int(said.sum()), int(truth.sum())
    low, high = f1_interval(np.array([tp]), np.array([predicted]), np.array([support]))
    f1 = Ranged(2 * tp / (predicted + support) if predicted + support else 0.0, float(low[0]), float(high[0]))
    return ClassFigures(_share(tp, predicted), _share(tp, support), f1, predicted)


def _share(hits: int, n: int) -> Ranged:
    """Of none the share counts as 0, as scikit-learn has it."""
    low, high = wilson(hits, n)
    return Ranged(hits / n if n else 0.0, float(low), float(high))
