"""The level above the paths: which categories, how sure, where the path itself is not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.ml.calibration import Floats, confidence_features, fit_confidence
from classifier.ml.conformal import LabelSets
from classifier.ml.decision import exactly_right, fit_rule
from classifier.ml.expert import Decider
from classifier.ml.taxonomy import Taxonomy


@dataclass(frozen=True)
class CategoryLevel:
    """Decides among the S distinct sets of categories that paths imply; their probabilities are sums of paths.

    Nothing is sharpened here (temperature 1), so that probabilities of the two levels never contradict each other.
    """

    decider: Decider = field(default_factory=Decider)
    sets: LabelSets = field(default_factory=LabelSets)

    @classmethod
    def fit(
        cls, taxonomy: Taxonomy, probabilities: Floats, truths: Sequence[Sequence[int]], cap: int
    ) -> "CategoryLevel":
        """`probabilities` (N, P) and `truths` are of paths, on reports that were held out."""
        if not truths:
            return cls()
        sums = category_probabilities(taxonomy, probabilities)
        wanted = [tuple({int(taxonomy.category_sets[path]) for path in truth}) for truth in truths]
        rule = fit_rule(sums, wanted, min(cap, sums.shape[1]))
        decided = rule.decide(sums)
        confidence = fit_confidence(confidence_features(sums, decided), exactly_right(decided, wanted))
        return cls(Decider(1.0, rule, confidence), LabelSets.fit(sums, wanted))

    def judge(self, taxonomy: Taxonomy, probabilities: Floats) -> list[tuple[tuple[str, ...], float]]:
        """(N, P) -> per row the categories decided, sorted, and the probability that they are exactly right."""
        sums = category_probabilities(taxonomy, probabilities)
        decided = self.decider.rule.decide(sums)
        confidences = self.decider.confidence(confidence_features(sums, decided))
        names = [_names(taxonomy, chosen) for chosen in decided]
        return list(zip(names, map(float, confidences), strict=True))

    def to_json(self) -> dict[str, Any]:
        return {"decider": self.decider.to_json(), "scores": list(self.sets.scores)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "CategoryLevel":
        return cls(Decider.from_json(data["decider"]), LabelSets(tuple(data["scores"])))


def category_probabilities(taxonomy: Taxonomy, probabilities: NDArray[np.floating]) -> Floats:
    """(N, P) -> (N, S), numbered as `Taxonomy.category_sets`."""
    membership = np.eye(int(taxonomy.category_sets.max()) + 1)[taxonomy.category_sets]  # (P, S)
    sums: Floats = probabilities.astype(np.float64) @ membership
    return sums


def _names(taxonomy: Taxonomy, chosen: Sequence[int]) -> tuple[str, ...]:
    members = (path for path, number in zip(taxonomy.paths, taxonomy.category_sets, strict=True) if number in chosen)
    return tuple(sorted({name for path in members for name in path.categories}))
