"""TF-IDF features of words and characters whose state is JSON and numpy arrays, never a pickle."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.ml.text import Word, normalise
from classifier.ml.word_features import by_word

# Words carry the topic; character n-grams carry misspellings, romanised words and names like "svchost".
BLOCKS: dict[str, dict[str, Any]] = {
    "words": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"},
    # Within words: n-grams across blanks repeat the words' pairs (+1 point of exact match on threat reports without).
    "characters": {"analyzer": "char_wb", "ngram_range": (3, 5)},
}
# A weight per path and feature: 2,000 paths must still fit in memory (16 M float32 = 64 MB per block).
WEIGHTS_PER_BLOCK = 16_000_000
MAX_FEATURES = {"words": 60_000, "characters": 120_000}
CHUNK = 256  # texts vectorised at once: bounds memory, does not change results


class TextFeatures:
    """Fitted TF-IDF blocks. `block_sizes` tells which columns belong to which block, in order."""

    def __init__(self, vectorizers: dict[str, TfidfVectorizer]) -> None:
        self._vectorizers = vectorizers
        self.block_sizes = {name: len(v.vocabulary_) for name, v in vectorizers.items()}

    @classmethod
    def fit(cls, texts: Sequence[str], paths: int) -> "TextFeatures":
        """Vocabularies from `texts`, capped so that `paths` weight vectors stay small.

        Texts without a single word are fine; when all are like that, a placeholder keeps the block alive.
        """
        clean = [normalise(text) for text in texts]
        fitted = {}
        for name in BLOCKS:
            limit = max(1_000, min(MAX_FEATURES[name], WEIGHTS_PER_BLOCK // max(1, paths)))
            vectorizer = _vectorizer(BLOCKS[name], max_features=limit)
            corpus = clean if any(map(vectorizer.build_analyzer(), clean)) else ["empty"]
            fitted[name] = vectorizer.fit(corpus)
        return cls(fitted)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """(N, F) float32, each block's rows of unit length (or zero: nothing known in the text)."""
        clean = [normalise(text) for text in texts]
        return hstack([v.transform(clean) for v in self._vectorizers.values()], format="csr")

    def transform_by_word(self, words: Sequence[Word]) -> csr_matrix:
        """(W, F): what each word of one text adds to its row in `transform`; the rows add up to it."""
        return hstack([by_word(v, words) for v in self._vectorizers.values()], format="csr")

    def transform_words(self, texts: Sequence[str]) -> csr_matrix:
        """(N, F_words) float32: the word block alone."""
        return self._vectorizers["words"].transform([normalise(text) for text in texts])

    def save(self, folder: Path) -> None:
        """Writes vocabulary.json, with how texts are cut up, and idf.npz."""
        words = {name: {"options": BLOCKS[name], "names": _names(v)} for name, v in self._vectorizers.items()}
        (folder / "vocabulary.json").write_text(json.dumps(words, ensure_ascii=False), "utf-8")
        np.savez(folder / "idf.npz", **{name: v.idf_ for name, v in self._vectorizers.items()})

    @classmethod
    def load(cls, folder: Path) -> "TextFeatures":
        blocks = json.loads((folder / "vocabulary.json").read_text("utf-8"))
        vectorizers = {}
        with np.load(folder / "idf.npz", allow_pickle=False) as arrays:
            for name, block in blocks.items():
                vectorizers[name] = _vectorizer(block["options"], vocabulary=block["names"])
                vectorizers[name].idf_ = arrays[name]
        return cls(vectorizers)

    def occurring_in(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """(F,) which columns any of the texts has a value in."""
        found = np.zeros(sum(self.block_sizes.values()), dtype=bool)
        for start in range(0, len(texts), CHUNK):
            found[self.transform(texts[start : start + CHUNK]).indices] = True
        return found

    def by_block(self, columns: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
        """(F,) over all columns, as one mask for each block."""
        parts = np.split(columns, np.cumsum(list(self.block_sizes.values()))[:-1])
        return dict(zip(self.block_sizes, parts, strict=True))

    def narrowed(self, columns: NDArray[np.bool_]) -> "TextFeatures":
        """With these columns alone; what is left weighs what it did. Each block keeps at least one."""
        vectorizers = {}
        for name, kept in self.by_block(columns).items():
            before = self._vectorizers[name]
            names = [word for word, stays in zip(_names(before), kept, strict=True) if stays]
            vectorizers[name] = _vectorizer(BLOCKS[name], vocabulary=names)
            vectorizers[name].idf_ = before.idf_[kept]
        return TextFeatures(vectorizers)

    def word_state(self) -> tuple[list[str], NDArray[np.float32]]:
        """Names and inverse document frequencies of the word block: what word vectors depend on."""
        vectorizer = self._vectorizers["words"]
        return _names(vectorizer), vectorizer.idf_


def _vectorizer(block: dict[str, Any], **options: Any) -> TfidfVectorizer:
    shape = {**block, "ngram_range": tuple(block["ngram_range"])}  # a list after JSON
    return TfidfVectorizer(dtype=np.float32, sublinear_tf=True, **shape, **options)


def _names(vectorizer: TfidfVectorizer) -> list[str]:
    return [str(name) for name in vectorizer.get_feature_names_out()]
