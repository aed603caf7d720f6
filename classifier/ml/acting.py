"""What is done with a prediction: accepted without a look, shown as a suggestion, or held back as unsure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classifier.ml.acceptance import CERTAINTY, Accepted, acceptance
from classifier.ml.outcomes import Outcomes

ACCEPT, SUGGEST, ABSTAIN = "accept", "suggest", "abstain"
LEAST_HELD_OUT = 20  # of a category: none wrong of fewer still leaves more than one in ten possible
NEVER = 0.0  # an accepted error of a category that is always looked at
FEW, UNPROVEN, NOT_WANTED, OUTDATED = "few", "unproven", "not_wanted", "outdated"  # why a category is not accepted


@dataclass(frozen=True)
class Wish:
    """What people accept. `error`: share of the automatically accepted reports that may be wrong. `errors`: of single
    categories, which then get a promise of their own; `NEVER` for one that is always looked at. `least`: the
    confidence below which a prediction is unsure; `leasts`: of single categories.
    """

    error: float
    errors: Mapping[str, float] = field(default_factory=dict)
    least: float = 0.0
    leasts: Mapping[str, float] = field(default_factory=dict)

    def least_of(self, category: str) -> float:
        return self.leasts.get(category, self.least)


@dataclass(frozen=True)
class CategoryPlan:
    """Of the held-out reports that the model decides as one category. `high` None: none is accepted, and `why`.

    `promised`: the share of wrong reports that a category with an error of its own keeps below; None for the others,
    of which nothing is promised one by one.
    """

    category: str
    low: float
    high: float | None
    why: str
    promised: float | None
    reports: int
    wrong: int
    accepted: int
    accepted_wrong: int
    abstained: int

    @property
    def suggested(self) -> int:
        return self.reports - self.accepted - self.abstained


@dataclass(frozen=True)
class Plan:
    """What a wish comes to on held-out reports; `categories` by name. Promises hold together, with `certainty`."""

    wish: Wish
    certainty: float
    categories: Sequence[CategoryPlan]

    @property
    def reports(self) -> int:
        return sum(one.reports for one in self.categories)

    @property
    def wrong(self) -> int:
        """If nobody looked at anything."""
        return sum(one.wrong for one in self.categories)

    @property
    def accepted(self) -> int:
        return sum(one.accepted for one in self.categories)

    @property
    def accepted_wrong(self) -> int:
        return sum(one.accepted_wrong for one in self.categories)

    @property
    def abstained(self) -> int:
        return sum(one.abstained for one in self.categories)

    @property
    def suggested(self) -> int:
        return self.reports - self.accepted - self.abstained

    @property
    def promised(self) -> float | None:
        """The share of all accepted reports that is wrong at most, with `certainty`; None where none is accepted."""
        errors = [self.wish.errors.get(one.category, self.wish.error) for one in self.categories if one.accepted]
        return max(errors, default=None)

    @property
    def highs(self) -> dict[str, float]:
        """Category -> the confidence from which on a report is accepted; those that are not are missing."""
        return {one.category: one.high for one in self.categories if one.high is not None}


def band(confidence: float, low: float, high: float | None) -> str:
    """`ACCEPT`, `SUGGEST` or `ABSTAIN`."""
    if confidence < low:
        return ABSTAIN
    return ACCEPT if high is not None and confidence >= high else SUGGEST


def plan(outcomes: Outcomes, wish: Wish, certainty: float = CERTAINTY, outdated: Collection[str] = frozenset()) -> Plan:
    """Thresholds that follow from the held-out reports.

    Categories without an error of their own share one threshold and one promise, without those that have too few
    held-out reports. The doubt that is left is shared by all promises. `outdated`: categories that the model decides
    with another confidence by now, for which nothing follows.
    """
    said = np.array(outcomes.labels("category"), dtype=object)
    confidence, wrong = outcomes.confidence, ~outcomes.right()
    least = np.array([wish.least_of(category) for category in said], float)
    names, counts = np.unique(said.astype(str), return_counts=True)
    enough = {str(name) for name, count in zip(names, counts, strict=True) if count >= LEAST_HELD_OUT}
    many = enough.difference(outdated)
    own = {name for name in many if wish.errors.get(name, NEVER) > NEVER}
    pooled = np.array([name in many and name not in wish.errors for name in said], bool)
    each = 1 - (1 - certainty) / (len(own) + bool(pooled.any()) or 1)

    def promise(rows: NDArray[np.bool_], error: float) -> Accepted:
        return acceptance(confidence[rows], wrong[rows], error, each, least[rows])

    shared = promise(pooled, wish.error)
    highs, whys = {}, {}
    for name in map(str, names):
        high = promise(said == name, wish.errors[name]).threshold if name in own else shared.threshold
        whys[name] = OUTDATED if name in outdated else _why_not(name, name in many, wish, high)
        if not whys[name] and high is not None:
            highs[name] = max(high, wish.least_of(name))
    return applied(outcomes, wish, highs, whys, certainty)


def applied(
    outcomes: Outcomes,
    wish: Wish,
    highs: Mapping[str, float],
    whys: Mapping[str, str] | None = None,
    certainty: float = CERTAINTY,
) -> Plan:
    """What these thresholds come to on the held-out reports, wherever they are from."""
    said = np.array(outcomes.labels("category"), dtype=object)
    confidence, wrong = outcomes.confidence, ~outcomes.right()
    rows = []
    for name in sorted({str(one) for one in said}):
        mine, low, high = said == name, wish.least_of(name), highs.get(name)
        unsure = mine & (confidence < low)
        taken = mine & ~unsure & (confidence >= high) if high is not None else np.zeros_like(mine)
        sums = (mine, mine & wrong, taken, taken & wrong, unsure)
        own = wish.errors.get(name) if high is not None else None
        rows.append(CategoryPlan(name, low, high, (whys or {}).get(name, ""), own, *(int(one.sum()) for one in sums)))
    return Plan(wish, certainty, rows)


def _why_not(name: str, has_enough: bool, wish: Wish, high: float | None) -> str:
    if name in wish.errors and wish.errors[name] <= NEVER:
        return NOT_WANTED
    if not has_enough:
        return FEW
    return UNPROVEN if high is None else ""
