"""What a model says of texts that are no reports of ours: answers in the format of the reference system."""

from collections.abc import Sequence
from dataclasses import dataclass

from classifier import registry
from classifier.ml.hybrid import HybridModel
from classifier.ml.reliance import Reliance
from classifier.ml.results import Classification
from classifier.ml.taxonomy import LabelPath, category_text, sub_category_text
from classifier.models import ModelVersion
from classifier.services.reliance import reliance_in_force


@dataclass(frozen=True, slots=True)
class Answer:
    """Labels sorted and joined by " or "; `decision` is auto, category (only that is sure) or unsure."""

    category: str
    sub_category: str
    confidence: float
    decision: str
    model: str


@dataclass(frozen=True)
class Answerer:
    """A loaded version and what it takes to be sure."""

    model: HybridModel
    name: str
    reliance: Reliance

    @classmethod
    def of(cls, version: ModelVersion) -> "Answerer":
        """Raises ArtifactError when the version cannot be loaded."""
        return cls(registry.load(version), version.name, reliance_in_force())

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """One answer per text, in order; texts are those of `training_text`."""
        results = self.model.classify_batch(texts)
        return [self._answer(result, self.model.taxonomy.chosen(result.decided)) for result in results]

    def _answer(self, result: Classification, decided: list[LabelPath]) -> Answer:
        return Answer(
            category=category_text(decided),
            sub_category=sub_category_text(decided),
            confidence=result.confidence,
            decision=self.reliance.decision(result, decided),
            model=self.name,
        )
