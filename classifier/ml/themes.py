"""What many reports are about: groups of texts with near vectors, named by the words that set them apart.

Groups by HDBSCAN (Campello, Moulavi and Sander, 2013) as scikit-learn has it; names by TF-IDF over groups instead of
texts (c-TF-IDF: Grootendorst, "BERTopic", arXiv:2203.05794).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.ml.personal import TOKEN

SMALLEST = 5  # reports of a theme
DIMENSIONS = 32  # of what the vectors are reduced to: distances in more say less, and cost more
WORDS = 4  # in a name
COMMON = 0.3  # of a theme's reports that a word of its name is in: so no name of a person or a firm becomes one
FEWEST = 3  # such reports
LEAST = 0.15  # how far a theme's likeness lies from that of all reports (0) to that of one and the same (1)
LONGEST = 4_000  # characters of a text that are looked at for names
# Addresses, whatever has a digit in it, and what stands in the place of personal data
MARKED = re.compile(rf"{TOKEN.pattern}|\S*(?:@|://|www\.|\.example|\d)\S*")
A_WORD = r"(?u)\b[^\W\d_]{3,20}\b"


@dataclass(frozen=True)
class Group:
    """One theme: its words, the most telling first, and the places of its texts, the most typical first."""

    words: tuple[str, ...]
    places: tuple[int, ...]


def find_groups(vectors: NDArray[np.float32], texts: Sequence[str], seed: int) -> list[Group]:
    """The largest first; texts in no group are simply in none. Vectors (N, D) are of unit length."""
    if len(texts) < 2 * SMALLEST:
        return []
    labels = _labels(vectors, seed)
    members = [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]
    of_all = mean_likeness(vectors)
    members = [places for places in members if mean_likeness(vectors[places]) >= of_all + LEAST * (1 - of_all)]
    members.sort(key=lambda places: (-len(places), places[0]))
    names = _names([[texts[place] for place in places.tolist()] for places in members])
    return [Group(words, tuple(_typical_first(vectors, places))) for words, places in zip(names, members, strict=True)]


def mean_likeness(vectors: NDArray[np.floating[Any]]) -> float:
    """The mean cosine between two of them (n, D), which are of unit length. Where everything is equally far from
    everything, HDBSCAN finds groups all the same."""
    n = len(vectors)
    return float((np.square(vectors.sum(axis=0, dtype=np.float64)).sum() - n) / (n * (n - 1)))


def _labels(vectors: NDArray[np.float32], seed: int) -> NDArray[np.int64]:
    from sklearn.cluster import HDBSCAN  # scikit-learn takes seconds to load, and only a worker finds themes
    from sklearn.decomposition import PCA

    dimensions = min(DIMENSIONS, *vectors.shape)
    reduced = PCA(dimensions, random_state=seed, svd_solver="randomized").fit_transform(vectors)
    found = HDBSCAN(min_cluster_size=SMALLEST, min_samples=SMALLEST - 2, copy=True).fit_predict(reduced)
    labels: NDArray[np.int64] = found
    return labels


def _typical_first(vectors: NDArray[np.float32], places: NDArray[np.intp]) -> list[int]:
    middle = vectors[places].mean(axis=0)
    order: list[int] = places[np.argsort(-(vectors[places] @ middle), kind="stable")].tolist()
    return order


def _names(groups: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """For each group, words that many of its texts have and the other groups' texts have not."""
    from sklearn.feature_extraction.text import CountVectorizer

    texts = [MARKED.sub(" ", text[:LONGEST]) for group in groups for text in group]
    try:
        counter = CountVectorizer(token_pattern=A_WORD, stop_words="english", binary=True)
        present = counter.fit_transform(texts).astype(np.float32)
    except ValueError:  # not a single word in all of them
        return [()] * len(groups)
    words, ends = counter.get_feature_names_out(), np.cumsum([0, *map(len, groups)])
    sums = [np.asarray(present[a:b].sum(axis=0)).ravel() for a, b in pairwise(ends)]
    sizes = np.array([len(group) for group in groups])
    shares = np.array(sums) / sizes[:, None]
    telling = shares * np.log1p(1 / np.maximum(shares.mean(axis=0), 1e-9))
    telling[(shares < COMMON) | (np.array(sums) < FEWEST)] = 0
    best = np.argsort(-telling, axis=1, kind="stable")[:, :WORDS]
    return [tuple(str(words[w]) for w in row if values[w] > 0) for row, values in zip(best, telling, strict=True)]
