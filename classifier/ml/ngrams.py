"""How alike texts are by their character n-grams: without a model, and at once.

N-grams of 3 to 5 characters within words are hashed, weighed by how rare they are (scikit-learn's TfidfTransformer) and
folded into short dense vectors whose dot products stay what they were, give or take 0.03 (count sketch: Charikar, Chen
and Farach-Colton, 2002). The n-grams are hashed in numpy: scikit-learn's HashingVectorizer counts the same at six times
the cost, which is 15 s for the first 5,000 reports, in a process that answers pages.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer

from classifier.ml.text import normalise

SIZES = range(3, 6)
BUCKETS = 2**18
DIMENSIONS = 1024
MOST = 4_000  # characters that are looked at: where a report begins is enough to tell what it is about
CHUNK = 256  # texts counted at once
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - 18)
_PLACE = (np.arange(BUCKETS, dtype=np.uint64) * _FACTOR >> np.uint64(54)).astype(np.int32)  # 10 bits
_SIGN = np.where(np.arange(BUCKETS, dtype=np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F) >> np.uint64(63), 1, -1)
BLANK = ord(" ")
_BETWEEN_WORDS = re.compile(
    r"[\s!-/:-@\[-`{-~\u2010-\u2027\u0964\u3000-\u303f]+"
)  # blanks, punctuation of most scripts

Vectors = NDArray[np.float32]


class NgramSpace:
    """Unit vectors; n-grams are as rare as in the texts that it was made from."""

    def __init__(self, weights: TfidfTransformer) -> None:
        self._weights = weights

    @classmethod
    def fit(cls, texts: Sequence[str]) -> "NgramSpace":
        """From any number of texts, also none: then every n-gram weighs the same. A thousand are enough."""
        weights = TfidfTransformer(sublinear_tf=True)
        return cls(weights.fit(counts(list(texts) or [""])))

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """(N, DIMENSIONS) of length 1; 0 for a text without a word."""
        result = np.zeros((len(texts), DIMENSIONS), np.float32)
        for start in range(0, len(texts), CHUNK):
            weighed = self._weights.transform(counts(texts[start : start + CHUNK])).tocsr()
            folded = csr_matrix(
                (weighed.data * _SIGN[weighed.indices], _PLACE[weighed.indices], weighed.indptr),
                shape=(weighed.shape[0], DIMENSIONS),
            ).toarray()
            lengths = np.linalg.norm(folded, axis=1, keepdims=True)
            result[start : start + len(folded)] = folded / np.where(lengths > 0, lengths, 1)
        return result


def counts(texts: Sequence[str]) -> csr_matrix:
    """(N, BUCKETS) float32: how often each n-gram is in the beginning of each text."""
    found = [np.unique(_hashes(text), return_counts=True) for text in texts]
    ends = np.cumsum([0, *(len(names) for names, _ in found)])
    names = np.concatenate([names for names, _ in found])
    times = np.concatenate([times for _, times in found]).astype(np.float32)
    return csr_matrix((times, names, ends), shape=(len(texts), BUCKETS))


def _hashes(text: str) -> NDArray[np.int32]:
    """The buckets of its n-grams; none reaches beyond a word and the blanks around it."""
    words = _BETWEEN_WORDS.sub(" ", normalise(text[:MOST]).lower()).strip()
    codes = np.frombuffer(f" {words} ".encode("utf-32-le"), np.uint32)
    blanks = np.cumsum(np.concatenate([[0], codes == BLANK]))
    hashed, found = codes.astype(np.uint64), []
    for size in range(2, SIZES.stop):
        if len(codes) < size:
            break
        hashed = hashed[:-1] * _FACTOR + codes[size - 1 :]
        if size in SIZES:
            inside = blanks[size - 1 : len(codes)] - blanks[1 : len(codes) - size + 2]  # blanks between both ends
            found.append(hashed[inside == 0])
    joined = np.concatenate(found) if found else np.empty(0, np.uint64)
    return ((joined * _FACTOR) >> _SHIFT).astype(np.int32)
