"""What a model says of texts that are no reports of ours: answers in the format of the reference system."""

from collections.abc import Sequence
from dataclasses import dataclass

from classifier import registry
from classifier.ml.hybrid import HybridModel
from classifier.ml.taxonomy import category_text, sub_category_text
from classifier.models import ModelVersion
from incidents import policy

AUTO, UNSURE = "auto", "unsure"


@dataclass(frozen=True, slots=True)
class Answer:
    """Labels sorted and joined by " or "; `decision` is auto, or unsure below the threshold that an admin set."""

    category: str
    sub_category: str
    confidence: float
    decision: str
    model: str


@dataclass(frozen=True)
class Answerer:
    """A loaded version and the threshold in force."""

    model: HybridModel
    name: str
    unsure_below: float

    @classmethod
    def of(cls, version: ModelVersion) -> "Answerer":
        """Raises ArtifactError when the version cannot be loaded."""
        return cls(registry.load(version), version.name, policy.value("unsure_below"))

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """One answer per text, in order; texts are those of `training_text`."""
        paths = self.model.taxonomy
        return [
            Answer(
                category=category_text(paths.chosen(one.decided)),
                sub_category=sub_category_text(paths.chosen(one.decided)),
                confidence=one.confidence,
                decision=UNSURE if one.is_unsure(self.unsure_below) else AUTO,
                model=self.name,
            )
            for one in self.model.classify_batch(texts)
        ]
