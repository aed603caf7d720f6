"""What T5, the linear expert and their blend have in common: scores in, calibrated classifications out."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.ml.calibration import (
    Confidence,
    Floats,
    confidence_features,
    fit_confidence,
    fit_temperature,
    mean_nll,
    temper,
)
from classifier.ml.decision import DecisionRule, exactly_right, fit_rule
from classifier.ml.results import Classification, Scores
from classifier.ml.taxonomy_map import TaxonomyMap
from classifier.ml.text import Word


@dataclass(frozen=True, slots=True)
class Decider:
    """Turns raw log-probabilities into decided sets with a confidence; all of it is fitted on validation."""

    temperature: float = 1.0
    rule: DecisionRule = field(default_factory=DecisionRule)
    confidence: Confidence = field(default_factory=Confidence)

    @classmethod
    def fit(cls, log_probabilities: Floats, truths: Sequence[Sequence[int]], cap: int) -> "Decider":
        """Without validation rows: temperature 1, the top path only, confidence = its probability."""
        if not truths:
            return cls(rule=DecisionRule(cap=cap))
        temperature = fit_temperature(log_probabilities, truths)
        probabilities = np.exp(temper(log_probabilities, temperature))
        rule = fit_rule(probabilities, truths, cap)
        decided = rule.decide(probabilities)
        confidence = fit_confidence(confidence_features(probabilities, decided), exactly_right(decided, truths))
        return cls(temperature, rule, confidence)

    def log_probabilities(self, scores: Scores) -> Floats:
        return temper(scores.log_probabilities, self.temperature)

    def classify(self, scores: Scores, reads_as: TaxonomyMap | None = None) -> list[Classification]:
        """With `reads_as`, decided among the paths that those of the scores read as today."""
        own = np.exp(self.log_probabilities(scores))
        probabilities = reads_as.spread(own) if reads_as else own
        decided = self.rule.decide(probabilities)
        confidences = self.confidence(confidence_features(probabilities, decided))
        vectors = scores.vectors if scores.vectors is not None else [None] * len(decided)
        return [
            Classification(
                row.astype(np.float32),
                paths,
                float(confidence),
                vector,
                own=before.astype(np.float32) if reads_as else None,
            )
            for row, before, paths, confidence, vector in zip(
                probabilities, own, decided, confidences, vectors, strict=True
            )
        ]

    def to_json(self) -> dict[str, Any]:
        return {
            "temperature": self.temperature,
            "ratio": self.rule.ratio,
            "cap": self.rule.cap,
            "confidence_weights": list(self.confidence.weights),
            "confidence_bias": self.confidence.bias,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Decider":
        first, second, third = data["confidence_weights"]
        return cls(
            data["temperature"],
            DecisionRule(data["ratio"], data["cap"]),
            Confidence((first, second, third), data["confidence_bias"]),
        )


def validation_score(decider: Decider, scores: Scores, truths: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Exact match, then negative NLL: what the better of two is chosen by. (0, 0) with nothing to go by."""
    if not truths:
        return 0.0, 0.0
    final = decider.log_probabilities(scores)
    match = exactly_right(decider.rule.decide(np.exp(final)), truths).mean()
    return float(match), -mean_nll(final, truths)


class Expert(ABC):
    """A model that scores texts over all P paths and, with its own decider, can classify alone."""

    decider: Decider
    known: NDArray[np.bool_]  # (P,), False for paths that the expert cannot give any probability

    @abstractmethod
    def score(self, texts: Sequence[str]) -> Scores:
        """Raw, uncalibrated log-probabilities; texts need no normalisation by the caller."""

    @abstractmethod
    def word_shares(self, words: Sequence[Word], direction: Floats) -> Floats:
        """(W,) nats that each word of a text adds to `direction` (P,) times the raw log-probabilities.

        `direction` adds up to 0, and is 0 for paths that the expert does not know.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Writes the expert's files into an existing, empty folder."""

    def classify_batch(self, texts: Sequence[str]) -> list[Classification]:
        """One classification per text, in order; the result for a text does not depend on the others."""
        return self.decider.classify(self.score(texts)) if texts else []
