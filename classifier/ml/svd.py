"""Text vectors for versions without T5: a truncated SVD of the word TF-IDF (latent semantic analysis)."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD

from classifier.ml.features import CHUNK, TextFeatures

DIMENSIONS = 128


class SvdEmbedder:
    """Unit vectors of at most 128 dimensions. A text without a known word gets the first unit axis."""

    def __init__(self, features: TextFeatures, components: NDArray[np.float32], named: str = "") -> None:
        """`named`: the hash of the space that it was cut out of, and whose vectors its own are still compared with."""
        self.features = features
        self.components = components  # (D, F_words)
        self._named = named

    @classmethod
    def fit(cls, features: TextFeatures, texts: Sequence[str], seed: int) -> "SvdEmbedder":
        """Fewer dimensions on tiny data: never more than texts or features allow."""
        matrix = features.transform_words(texts)
        dimensions = max(1, min(DIMENSIONS, min(matrix.shape) - 1))
        if matrix.shape[1] == 1:
            return cls(features, np.ones((1, 1), np.float32))
        svd = TruncatedSVD(dimensions, random_state=seed).fit(matrix)
        return cls(features, svd.components_.astype(np.float32))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, D) float32, rows of unit length."""
        result = np.zeros((len(texts), len(self.components)), np.float32)
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]
            result[start : start + len(chunk)] = self.features.transform_words(chunk) @ self.components.T
        return unit_rows(result)

    @property
    def hash(self) -> str:
        """sha256 of all that determines the vectors."""
        if self._named:
            return self._named
        names, idf = self.features.word_state()
        digest = hashlib.sha256(json.dumps(names).encode())
        digest.update(idf.tobytes())
        digest.update(self.components.tobytes())
        return digest.hexdigest()

    def narrowed(self, features: TextFeatures, columns: NDArray[np.bool_]) -> "SvdEmbedder":
        """With these of the columns of all features: a text that has none of the others gets the vector it had."""
        return SvdEmbedder(features, self.components[:, self.features.by_block(columns)["words"]], self.hash)

    def save(self, folder: Path) -> None:
        arrays: dict[str, Any] = {"components": self.components}
        np.savez(folder / "svd.npz", **arrays | ({"named": np.array(self._named)} if self._named else {}))

    @classmethod
    def load(cls, folder: Path, features: TextFeatures) -> "SvdEmbedder":
        with np.load(folder / "svd.npz", allow_pickle=False) as arrays:
            named = str(arrays["named"]) if "named" in arrays else ""
            return cls(features, arrays["components"], named)


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to unit length; a zero row becomes the first axis, so that every row is a direction."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    result[lengths[:, 0] == 0, 0] = 1
    return result
