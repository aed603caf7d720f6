"""How far a prediction can be relied on: on its labels, on its category alone, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.ml.results import Classification
from classifier.ml.taxonomy import LabelPath, category_text, join_labels

AUTO, CATEGORY, UNSURE = "auto", "category", "unsure"


@dataclass(frozen=True)
class Reliance:
    """`threshold` of confidence and promised `coverage` of the label sets, 0 to 1."""

    threshold: float
    coverage: float

    @classmethod
    def at_cost(cls, error_cost: float, coverage: float) -> "Reliance":
        """For wrong labels that cost so many looks, at least 1: a look is cheaper where 1 - confidence > 1 / cost.

        Chow 1970, "On optimum recognition error and reject tradeoff".
        """
        return cls(1 - 1 / error_cost, coverage)

    def decision(self, result: Classification, decided: Sequence[LabelPath]) -> str:
        """`category` where only that is sure, and is the one that the decided paths imply."""
        if not result.is_unsure(self.threshold):
            return AUTO
        sure = result.category_confidence is not None and result.category_confidence >= self.threshold
        return CATEGORY if sure and join_labels(result.categories) == category_text(decided) else UNSURE
