"""How unusual a report is among earlier ones: an Isolation Forest on its vector and the shape of its text."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.ml.artifact import Manifest, open_artifact, write_artifact
from classifier.ml.forest import FlatForest
from classifier.ml.text import normalise

KIND = "anomaly"


@dataclass(frozen=True, eq=False)
class AnomalyModel:
    """Belongs to one encoder: vectors with another `encoder_hash` mean nothing to it."""

    encoder_hash: str
    forest: FlatForest
    reference: NDArray[np.float64]  # sorted scores of the reports that it was fitted on

    @classmethod
    def fit(cls, vectors: NDArray[np.float32], texts: Sequence[str], encoder_hash: str, seed: int) -> "AnomalyModel":
        """(N, D) vectors of N earlier reports and their texts; ValueError without any."""
        rows = anomaly_features(vectors, texts)
        forest = FlatForest.fit(rows, seed)
        return cls(encoder_hash, forest, np.sort(forest.score(rows)))

    def percentiles(self, vectors: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float64]:
        """(N,) in [0, 100]: the share of the reference reports that are less unusual than this one."""
        return self.percentiles_of(self.forest.score(anomaly_features(vectors, texts)))

    def percentiles_of(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        shares: NDArray[np.float64] = np.searchsorted(self.reference, scores) / len(self.reference) * 100
        return shares

    def save(self, folder: Path, *, dataset_hash: str, code_version: str) -> Manifest:
        """Writes an artefact; FileExistsError if the folder exists."""
        manifest = Manifest(KIND, (), "", dataset_hash, code_version, {})
        return write_artifact(folder, manifest, self._write)

    @classmethod
    def load(cls, folder: Path) -> "AnomalyModel":
        """Raises ArtifactMissing, ArtifactIncompatible or ArtifactCorrupt."""
        open_artifact(folder, KIND)
        state = json.loads((folder / "anomaly.json").read_text("utf-8"))
        with np.load(folder / "reference.npz", allow_pickle=False) as arrays:
            reference = arrays["scores"]
        return cls(state["encoder_hash"], FlatForest.load(folder / "forest.npz"), reference)

    def _write(self, folder: Path) -> None:
        (folder / "anomaly.json").write_text(json.dumps({"encoder_hash": self.encoder_hash}), "utf-8")
        np.savez(folder / "reference.npz", scores=self.reference)
        self.forest.save(folder / "forest.npz")


def anomaly_features(vectors: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float32]:
    """(N, D + 5): the vector, then what `text_shape` says."""
    shapes = np.array([text_shape(text) for text in texts], np.float32).reshape(len(texts), -1)
    return np.concatenate([vectors, shapes], axis=1, dtype=np.float32)


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
