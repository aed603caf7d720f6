"""How unusual a report is among earlier ones: an Isolation Forest on its vector and the shape of its text.

The vector enters by its principal components. An Isolation Forest cuts along single axes, and among a hundred of
them a text like no other stands in the middle of each: with 8 components, sentences of another domain and plain
gibberish reach the 93rd percentile at the median, with all 128 the 72nd and the very lowest.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from classifier.ml.artifact import ANOMALY, Manifest, open_artifact, write_artifact
from classifier.ml.forest import FlatForest
from classifier.ml.text import normalise

COMPONENTS = 8


@dataclass(frozen=True, eq=False)
class Components:
    """The directions in which earlier vectors differ most: `centre` (D,), `axes` (K, D), K <= COMPONENTS."""

    centre: NDArray[np.float32]
    axes: NDArray[np.float32]

    @classmethod
    def fit(cls, vectors: NDArray[np.float32], seed: int) -> "Components":
        pca = PCA(min(COMPONENTS, *vectors.shape), random_state=seed).fit(vectors)
        return cls(pca.mean_.astype(np.float32), pca.components_.astype(np.float32))

    def of(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, D) -> (N, K)."""
        return np.asarray((vectors - self.centre) @ self.axes.T, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class AnomalyModel:
    """Belongs to one encoder: vectors with another `encoder_hash` mean nothing to it."""

    encoder_hash: str
    components: Components
    forest: FlatForest
    reference: NDArray[np.float64]  # sorted scores of the reports that it was fitted on

    @classmethod
    def fit(cls, vectors: NDArray[np.float32], texts: Sequence[str], encoder_hash: str, seed: int) -> "AnomalyModel":
        """(N, D) vectors of N earlier reports and their texts; ValueError without any."""
        components = Components.fit(vectors, seed)
        rows = anomaly_features(components.of(vectors), texts)
        forest = FlatForest.fit(rows, seed)
        return cls(encoder_hash, components, forest, np.sort(forest.score(rows)))

    def percentiles(self, vectors: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float64]:
        """(N,) in [0, 100]: the share of the reference reports that are less unusual than this one."""
        return self.percentiles_of(self.forest.score(anomaly_features(self.components.of(vectors), texts)))

    def percentiles_of(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        shares: NDArray[np.float64] = np.searchsorted(self.reference, scores) / len(self.reference) * 100
        return shares

    def save(self, folder: Path, *, dataset_hash: str, code_version: str) -> Manifest:
        """Writes an artefact; FileExistsError if the folder exists."""
        manifest = Manifest(ANOMALY, (), "", dataset_hash, code_version, {})
        return write_artifact(folder, manifest, self._write)

    @classmethod
    def load(cls, folder: Path) -> "AnomalyModel":
        """Raises ArtifactMissing, ArtifactIncompatible or ArtifactCorrupt."""
        open_artifact(folder, ANOMALY)
        state = json.loads((folder / "anomaly.json").read_text("utf-8"))
        with np.load(folder / "reference.npz", allow_pickle=False) as arrays:
            components, reference = Components(arrays["centre"], arrays["axes"]), arrays["scores"]
        return cls(state["encoder_hash"], components, FlatForest.load(folder / "forest.npz"), reference)

    def _write(self, folder: Path) -> None:
        (folder / "anomaly.json").write_text(json.dumps({"encoder_hash": self.encoder_hash}), "utf-8")
        centre, axes = self.components.centre, self.components.axes
        np.savez(folder / "reference.npz", scores=self.reference, centre=centre, axes=axes)
        self.forest.save(folder / "forest.npz")


def anomaly_features(components: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float32]:
    """(N, K + 5): the components of the vector, then what `text_shape` says."""
    shapes = np.array([text_shape(text) for text in texts], np.float32).reshape(len(texts), -1)
    return np.concatenate([components, shapes], axis=1, dtype=np.float32)


def text_shape(text: str) -> tuple[float, float, float, float, float]:
    """Log characters, log words, and the shares of digits, capitals and other signs among the characters."""
    clean = normalise(text)
    size = max(1, len(clean))
    letters = sum(map(str.isalpha, clean))
    digits = sum(map(str.isdigit, clean))
    signs = len(clean) - letters - digits - clean.count(" ")
    capitals = sum(map(str.isupper, clean))
    words = len(clean.split())
    return float(np.log1p(len(clean))), float(np.log1p(words)), digits / size, capitals / size, signs / size
