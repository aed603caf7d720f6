"""How far a prediction can be relied on: on its labels, on its category alone, or not at all."""

from dataclasses import dataclass

from classifier.ml.results import Classification
from classifier.ml.taxonomy import LabelPath, category_text, join_labels
from incidents import policy

AUTO, CATEGORY, UNSURE = "auto", "category", "unsure"


@dataclass(frozen=True)
class Reliance:
    """`threshold` of confidence and promised `coverage` of the label sets, 0 to 1."""

    threshold: float
    coverage: float

    @classmethod
    def in_force(cls) -> "Reliance":
        """By the cost that an admin set: a look is cheaper than the risk where 1 - confidence > 1 / cost.

        Chow 1970, "On optimum recognition error and reject tradeoff".
        """
        return cls(1 - 1 / policy.value("error_cost"), policy.value("coverage"))

    def decision(self, result: Classification, decided: list[LabelPath]) -> str:
        """`category` where only that is sure, and is the one that the decided paths imply."""
        if not result.is_unsure(self.threshold):
            return AUTO
        sure = result.category_confidence is not None and result.category_confidence >= self.threshold
        return CATEGORY if sure and join_labels(result.categories) == category_text(decided) else UNSURE
