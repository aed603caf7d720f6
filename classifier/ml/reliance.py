"""How far a prediction can be relied on: on its labels, on its category alone, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from classifier.ml.results import Classification
from classifier.ml.taxonomy import LabelPath, category_text, join_labels

AUTO, CATEGORY, UNSURE = "auto", "category", "unsure"


@dataclass(frozen=True)
class Reliance:
    """`threshold` of confidence and promised `coverage` of the label sets, 0 to 1; `of_category`: other thresholds, by
    the name of the decided category."""

    threshold: float
    coverage: float
    of_category: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def at_cost(cls, error_cost: float, coverage: float, costs: Mapping[str, float] | None = None) -> "Reliance":
        """For wrong labels that cost so many looks, at least 1; `costs`: of single categories."""
        of_category = {category: threshold_at(cost) for category, cost in (costs or {}).items()}
        return cls(threshold_at(error_cost), coverage, of_category)

    def threshold_of(self, decided: Sequence[LabelPath]) -> float:
        return self.of_category.get(category_text(decided), self.threshold)

    def decision(self, result: Classification, decided: Sequence[LabelPath]) -> str:
        """`category` where only that is sure, and is the one that the decided paths imply."""
        threshold = self.threshold_of(decided)
        if not result.is_unsure(threshold):
            return AUTO
        sure = result.category_confidence is not None and result.category_confidence >= threshold
        return CATEGORY if sure and join_labels(result.categories) == category_text(decided) else UNSURE


def threshold_at(error_cost: float) -> float:
    """A look is cheaper than the risk where 1 - confidence > 1 / cost.

    Chow 1970, "On optimum recognition error and reject tradeoff".
    """
    return 1 - 1 / error_cost
