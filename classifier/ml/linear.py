"""The linear expert: TF-IDF of words and characters, one linear support vector machine per path."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax
from sklearn.svm import LinearSVC

from classifier.ml.expert import Decider, Expert
from classifier.ml.features import CHUNK, TextFeatures
from classifier.ml.results import Example, Scores

Weights = NDArray[np.float32]


class LinearExpert(Expert):
    """One-vs-rest margins over the paths seen in training; log-probabilities are their log-softmax."""

    def __init__(
        self, features: TextFeatures, classes: NDArray[np.int64], weights: Weights, bias: Weights,
        paths: int, decider: Decider | None = None,
    ) -> None:  # fmt: skip
        self.features = features
        self.classes = classes  # (K,) path indices that had training examples
        self.weights = weights  # (K, F)
        self.bias = bias  # (K,)
        self.known = np.isin(np.arange(paths), classes)
        self.decider = decider or Decider()

    @classmethod
    def fit(
        cls, examples: Sequence[Example], paths: int, c: float, seed: int, features: TextFeatures | None = None
    ) -> "LinearExpert":
        """Trains on `examples` (at least one). A report with k labels counts k times with weight 1/k.

        `features` that are fitted already, on texts without their labels, save half of the time.
        """
        features = features or TextFeatures.fit([example.text for example in examples], paths)
        rows = np.repeat(np.arange(len(examples)), [len(example.paths) for example in examples])
        labels = np.array([path for example in examples for path in example.paths], dtype=np.int64)
        sample_weight = np.array([1 / len(example.paths) for example in examples])[rows]
        classes = np.unique(labels)
        inputs = features.transform([example.text for example in examples])[rows]
        if len(classes) == 1:
            weights, bias = np.zeros((1, inputs.shape[1])), np.zeros(1)
        else:
            svm = LinearSVC(C=c, random_state=seed).fit(inputs, labels, sample_weight=sample_weight)
            weights, bias = svm.coef_, svm.intercept_
        if len(classes) == 2:  # scikit-learn keeps one row for two classes
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        return cls(features, classes, weights.astype(np.float32), bias.astype(np.float32), paths)

    def score(self, texts: Sequence[str]) -> Scores:
        result = np.full((len(texts), len(self.known)), -np.inf)
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]
            margins = self.features.transform(chunk) @ self.weights.T + self.bias
            result[start : start + len(chunk), self.classes] = log_softmax(margins.astype(np.float64), axis=1)
        return Scores(result)

    def save(self, folder: Path) -> None:
        self.features.save(folder)
        np.savez(folder / "weights.npz", classes=self.classes, weights=self.weights, bias=self.bias)
        state = {"paths": len(self.known), "decider": self.decider.to_json()}
        (folder / "linear.json").write_text(json.dumps(state), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "LinearExpert":
        state = json.loads((folder / "linear.json").read_text("utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            classes, weights, bias = arrays["classes"], arrays["weights"], arrays["bias"]
        decider = Decider.from_json(state["decider"])
        return cls(TextFeatures.load(folder), classes, weights, bias, state["paths"], decider)
