"""The served model: T5, the linear expert, or both blended."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.ml.artifact import CLASSIFIER, Manifest, open_artifact, write_artifact
from classifier.ml.blend import blend
from classifier.ml.calibration import Floats
from classifier.ml.conformal import LabelSets
from classifier.ml.expert import Decider, Expert
from classifier.ml.explanation import Explanation, Opinion, contrast, pulls
from classifier.ml.hierarchy import CategoryLevel, category_probabilities
from classifier.ml.linear import LinearExpert
from classifier.ml.results import Classification, Scores
from classifier.ml.svd import SvdEmbedder
from classifier.ml.t5_protocol import TextEncoder
from classifier.ml.taxonomy import LabelPath, Taxonomy
from classifier.ml.taxonomy_map import TaxonomyMap
from classifier.ml.text import words

BY_SHARE_READ = 3  # the format from which on T5 counts as far as it has read
WINDOW = 1024  # texts classified at once: over 2,000 paths each step of the way holds 16 MB for them


@dataclass(eq=False)
class HybridModel:
    """A classifier over `taxonomy.paths`. At least one expert; vectors come from T5, else from `svd`.

    With `reads_as` its experts were trained on earlier paths, and what they say is read in those of today.
    """

    taxonomy: Taxonomy
    base_model: str
    decider: Decider
    linear: LinearExpert | None = None
    t5: TextEncoder | None = None
    svd: SvdEmbedder | None = None
    weight: float = 0.0  # of T5 in the blend
    categories: CategoryLevel = field(default_factory=CategoryLevel)
    sets: LabelSets = field(default_factory=LabelSets)
    report: dict[str, Any] = field(default_factory=dict)  # figures on validation data, notes, seconds
    reads_as: TaxonomyMap | None = None
    by_share_read: bool = True  # whether T5 weighs less where it has not read all; so it was calibrated

    def __post_init__(self) -> None:
        if self.linear is None and self.t5 is None:
            raise ValueError("a model needs a linear expert or a T5")
        if self.t5 is None and self.svd is None:
            raise ValueError("a model without T5 needs an SVD embedder for its vectors")
        self.encoder_hash = self._encoder().hash

    def in_taxonomy(self, paths: Sequence[LabelPath], reads_as: TaxonomyMap | None) -> "HybridModel":
        """The same model, shared, over the paths of today and by their names of today. Not to be saved."""
        return replace(self, taxonomy=Taxonomy(tuple(paths)), reads_as=reads_as)

    @property
    def parts(self) -> dict[str, Expert | None]:
        """The experts, each able to classify alone with its own calibrated rule."""
        return {"t5": self.t5, "linear": self.linear}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, D) float32, rows of unit length. Comparable only between equal `encoder_hash`es."""
        return self._encoder().embed(texts)

    def classify_batch(self, texts: Sequence[str]) -> list[Classification]:
        """One classification per text, in order; the result for a text does not depend on the others."""
        windows = (texts[start : start + WINDOW] for start in range(0, len(texts), WINDOW))
        return [result for window in windows for result in self._classified(window)]

    def classify_parts(self, texts: Sequence[str]) -> dict[str, list[Classification]]:
        """As `classify_batch` under "blend", and each expert alone under "t5" and "linear": scored once."""
        if not texts:
            return {name: [] for name in ("blend", *self._experts())}
        scores = self._scores(texts)
        alone = {name: expert.decider.classify(scores[name], self.reads_as) for name, expert in self._experts().items()}
        return {"blend": self._judged(self._combined(scores, texts)), **alone}

    def explain(self, text: str, wanted: Sequence[int]) -> dict[int, Explanation]:
        """Which words carried each wanted path; of one that several read as, the most probable of these."""
        scores = self._scores([text])
        own = self.decider.classify(self._combined(scores, [text]))[0]
        return {path: self._explained(text, self._direction(path, own), scores) for path in wanted}

    def candidates(self, results: Sequence[Classification], coverage: float) -> list[tuple[int, ...]]:
        """Per result the paths among which the true ones are, with the promised coverage (0 to 1, neither end)."""
        return self.sets.of(_stacked(results), coverage) if results else []

    def candidate_categories(self, results: Sequence[Classification], coverage: float) -> list[tuple[int, ...]]:
        """As `candidates`, by number of `Taxonomy.category_sets`: the promise one level up."""
        sums = category_probabilities(self.taxonomy, _stacked(results))
        return self.categories.sets.of(sums, coverage) if results else []

    def save(self, folder: Path, *, dataset_hash: str, code_version: str, metrics: dict[str, Any]) -> Manifest:
        """Writes the artefact folder at once or not at all; FileExistsError if it exists."""
        manifest = Manifest(CLASSIFIER, self.taxonomy.paths, self.base_model, dataset_hash, code_version, metrics)
        return write_artifact(folder, manifest, self._write)

    @classmethod
    def load(cls, folder: Path, device: str | None = None, int8: bool = False) -> "HybridModel":
        """Verifies and loads an artefact; raises ArtifactMissing, ArtifactIncompatible or ArtifactCorrupt.

        `device` places T5: "cpu", "cuda", or None for CUDA where there is one; on a CPU `int8` quantises its weights.
        """
        manifest = open_artifact(folder, CLASSIFIER)
        state = json.loads((folder / "hybrid.json").read_text("utf-8"))
        linear = LinearExpert.load(folder / "linear") if "linear" in state["experts"] else None
        return cls(
            taxonomy=Taxonomy(manifest.paths),
            base_model=manifest.base_model,
            decider=Decider.from_json(state["decider"]),
            linear=linear,
            t5=_load_t5(folder / "t5", device, int8) if "t5" in state["experts"] else None,
            svd=SvdEmbedder.load(folder / "linear", linear.features)
            if linear and "t5" not in state["experts"]
            else None,
            weight=state["weight"],
            by_share_read=manifest.format_version >= BY_SHARE_READ,
            categories=CategoryLevel.from_json(state["categories"]),
            sets=LabelSets(tuple(state["set_scores"])),
            report=state["report"],
        )

    def _encoder(self) -> "TextEncoder | SvdEmbedder":
        encoder = self.t5 or self.svd
        assert encoder is not None
        return encoder

    def _experts(self) -> dict[str, Expert]:
        return {name: expert for name, expert in self.parts.items() if expert is not None}

    def _scores(self, texts: Sequence[str]) -> dict[str, Scores]:
        return {name: expert.score(texts) for name, expert in self._experts().items()}

    def _combined(self, scores: dict[str, Scores], texts: Sequence[str]) -> Scores:
        if self.t5 is None:
            return Scores(scores["linear"].log_probabilities, self.embed(texts))
        if self.linear is None:
            return scores["t5"]
        mixed = blend(
            self.t5.decider.log_probabilities(scores["t5"]),
            self.linear.decider.log_probabilities(scores["linear"]),
            self.weight,
            self._read(scores),
        )
        return Scores(mixed, scores["t5"].vectors)

    def _read(self, scores: Mapping[str, Scores]) -> Floats | None:
        return scores["t5"].read if self.by_share_read and self.t5 is not None else None

    def _classified(self, texts: Sequence[str]) -> list[Classification]:
        return self._judged(self._combined(self._scores(texts), texts))

    def _direction(self, path: int, own: Classification) -> Floats:
        """What favours a path of today, in the experts' own paths: those that read as the same are no rivals."""
        chances = own.probabilities.astype(float)
        if self.reads_as is None:
            return contrast(chances, path, own.decided)
        sources = self.reads_as.sources(path)
        best = max(sources, key=chances.__getitem__)
        chances[[source for source in sources if source != best]] = 0
        return contrast(chances, best, own.decided)

    def _judged(self, scores: Scores) -> list[Classification]:
        results = self.decider.classify(scores, self.reads_as)
        above = self.categories.judge(self.taxonomy, _stacked(results))
        return [self._with_categories(result, *level) for result, level in zip(results, above, strict=True)]

    def _with_categories(self, result: Classification, names: tuple[str, ...], confidence: float) -> Classification:
        """Where the paths imply these categories, these are right whenever the paths are."""
        implied = {name for path in self.taxonomy.chosen(result.decided) for name in path.categories}
        least = result.confidence if implied == set(names) else 0.0
        return replace(result, categories=names, category_confidence=max(confidence, least))

    def _explained(self, text: str, direction: Floats, scores: Mapping[str, Scores]) -> Explanation:
        read = self._read(scores)
        of_t5 = self.weight * (1.0 if read is None else float(read[0]))
        experts, weights = self._experts(), {"t5": of_t5, "linear": 1 - of_t5}
        opinions = {
            name: Opinion(scores[name].log_probabilities[0], expert.decider.temperature, weights[name])
            for name, expert in experts.items()
        }
        towards = pulls(direction, opinions, self.decider.temperature)
        found = words(text)
        return Explanation(tuple(found), {name: experts[name].word_shares(found, one) for name, one in towards.items()})

    def _write(self, folder: Path) -> None:
        for name, expert in self._experts().items():
            (folder / name).mkdir()
            expert.save(folder / name)
        if self.svd is not None:
            self.svd.save(folder / "linear")
        state = {
            "experts": list(self._experts()),
            "weight": self.weight,
            "decider": self.decider.to_json(),
            "categories": self.categories.to_json(),
            "set_scores": list(self.sets.scores),
            "report": self.report,
        }
        (folder / "hybrid.json").write_text(json.dumps(state, ensure_ascii=False, indent=1), "utf-8")


def _stacked(results: Sequence[Classification]) -> NDArray[np.float64]:
    return np.array([result.probabilities for result in results], dtype=np.float64)


def _load_t5(folder: Path, device: str | None, int8: bool) -> TextEncoder:
    from classifier.ml.t5 import T5Classifier  # torch stays out of processes that serve no T5

    return T5Classifier.load(folder, device, int8)
