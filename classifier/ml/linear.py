"""The linear expert: TF-IDF of words and characters, one linear machine per path and one per set of categories."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from classifier.ml.calibration import Floats
from classifier.ml.expert import Decider, Expert
from classifier.ml.features import CHUNK, TextFeatures
from classifier.ml.results import Example, Scores
from classifier.ml.taxonomy import Taxonomy
from classifier.ml.text import Word

Weights = NDArray[np.float32]

# Whichever validates better is served. A larger C for logistic regression, whose loss never stops pulling.
MACHINES: dict[str, Callable[[int], Any]] = {
    "svm": lambda seed: LinearSVC(C=1.0, random_state=seed),
    # Solved in its dual: the same machine, in a fifth of the time at 1,600 texts and half of it at 20,000.
    "logistic": lambda seed: LogisticRegression(
        C=20.0, solver="liblinear", dual=True, max_iter=1000, random_state=seed
    ),
}
SVM = "svm"
# Both chosen on threat reports split by document (8 splits other than those of the benchmark), beside 0 and 1:
RARITY_POWER = 0.5  # a report weighs (its path's count)^-power: +0.5 points of exact match, +1 of macro-F1
CATEGORY_SHARE = 0.5  # of the category machine's margin in its paths' margins: +0.4 and +1.5 points


class LinearExpert(Expert):
    """One-vs-rest margins over the paths seen in training; log-probabilities are their log-softmax."""

    def __init__(
        self, features: TextFeatures, classes: NDArray[np.int64], weights: Weights, bias: Weights,
        paths: int, machine: str = SVM, decider: Decider | None = None,
    ) -> None:  # fmt: skip
        self.features = features
        self.classes = classes  # (K,) path indices that had training examples
        self.weights = weights  # (K, F)
        self.bias = bias  # (K,)
        self.known = np.isin(np.arange(paths), classes)
        self.machine = machine
        self.decider = decider or Decider()

    @classmethod
    def fit(
        cls, examples: Sequence[Example], taxonomy: Taxonomy, seed: int, machine: str = SVM,
        features: TextFeatures | None = None,
    ) -> "LinearExpert":  # fmt: skip
        """Trains on `examples` (at least one of weight). A report with k labels counts k times with 1/k of its weight.

        `features` that are fitted already, on texts without their labels, save most of the time.
        """
        examples = [example for example in examples if example.weight]
        features = features or TextFeatures.fit([example.text for example in examples], len(taxonomy))
        rows = np.repeat(np.arange(len(examples)), [len(example.paths) for example in examples])
        labels = np.array([path for example in examples for path in example.paths], dtype=np.int64)
        counted = np.array([example.weight for example in examples])[rows]
        importance = (
            np.array([1 / len(example.paths) for example in examples])[rows] * counted * _rarity(labels, counted)
        )
        inputs = features.transform([example.text for example in examples])[rows]
        fitted = _OneVersusRest.fit(MACHINES[machine], inputs, labels, importance, seed)
        sets = _OneVersusRest.fit(MACHINES[machine], inputs, taxonomy.category_sets[labels], importance, seed)
        of_path = np.searchsorted(sets.classes, taxonomy.category_sets[fitted.classes])
        weights = fitted.weights + np.float32(CATEGORY_SHARE) * sets.weights[of_path]
        bias = fitted.bias + np.float32(CATEGORY_SHARE) * sets.bias[of_path]
        return cls(features, fitted.classes, weights, bias, len(taxonomy), machine)

    def score(self, texts: Sequence[str]) -> Scores:
        result = np.full((len(texts), len(self.known)), -np.inf)
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]
            margins = self.features.transform(chunk) @ self.weights.T + self.bias
            result[start : start + len(chunk), self.classes] = log_softmax(margins.astype(np.float64), axis=1)
        return Scores(result)

    def word_shares(self, words: Sequence[Word], direction: Floats) -> Floats:
        """Exact: with the bias they add up to `direction` times the margins."""
        shares: Floats = self.features.transform_by_word(words) @ (direction[self.classes] @ self.weights)
        return shares

    def narrowed(self, columns: NDArray[np.bool_]) -> "LinearExpert":
        """Without the other columns of its features: a text that has none of these is scored as before."""
        return LinearExpert(
            self.features.narrowed(columns), self.classes, self.weights[:, columns], self.bias,
            len(self.known), self.machine, self.decider,
        )  # fmt: skip

    def save(self, folder: Path) -> None:
        self.features.save(folder)
        np.savez(folder / "weights.npz", classes=self.classes, weights=self.weights, bias=self.bias)
        state = {"paths": len(self.known), "machine": self.machine, "decider": self.decider.to_json()}
        (folder / "linear.json").write_text(json.dumps(state), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "LinearExpert":
        state = json.loads((folder / "linear.json").read_text("utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            classes, weights, bias = arrays["classes"], arrays["weights"], arrays["bias"]
        decider = Decider.from_json(state["decider"])
        return cls(TextFeatures.load(folder), classes, weights, bias, state["paths"], state["machine"], decider)


class _OneVersusRest:
    """The weights of one two-class machine per class, each against all others."""

    def __init__(self, classes: NDArray[np.int64], weights: Weights, bias: Weights) -> None:
        self.classes, self.weights, self.bias = classes, weights, bias

    @classmethod
    def fit(
        cls, machine: Callable[[int], Any], inputs: csr_matrix, labels: NDArray[np.int64],
        importance: NDArray[np.float64], seed: int,
    ) -> "_OneVersusRest":  # fmt: skip
        """A single class has nothing to be told from: weights of zero."""
        classes = np.unique(labels)
        weights = np.zeros((len(classes), inputs.shape[1]), np.float32)
        bias = np.zeros(len(classes), np.float32)
        for row, label in enumerate(classes if len(classes) > 1 else ()):
            fitted = machine(seed).fit(inputs, labels == label, sample_weight=importance)
            weights[row], bias[row] = fitted.coef_[0], fitted.intercept_[0]
        return cls(classes, weights, bias)


def _rarity(labels: NDArray[np.int64], counted: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) weights that raise the rare classes, with mean 1 over rows that each count `counted` times."""
    _, place = np.unique(labels, return_inverse=True)
    weights = (np.bincount(place, weights=counted) ** -RARITY_POWER)[place]
    result: NDArray[np.float64] = weights / np.average(weights, weights=counted)
    return result
