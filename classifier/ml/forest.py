"""An Isolation Forest (Liu, Ting and Zhou 2008) grown by scikit-learn and scored from plain arrays."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

TREES = 100  # the paper's: scores hardly change beyond
SAMPLES = 512  # per tree; the paper's 256 doubled, since report vectors have many features
LEAF = -1
CHUNK = 1024  # rows scored at once: bounds memory

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
FlatTree = tuple[Ints, Floats, Ints, Ints, Floats]


@dataclass(frozen=True, eq=False)
class FlatForest:
    """Trees as (T, K) arrays, K the size of the largest; scores equal scikit-learn's to 1e-12."""

    features: Ints  # tested feature, or LEAF
    thresholds: Floats  # go left where value <= threshold
    left: Ints
    right: Ints
    lengths: Floats  # at leaves: depth, plus what a full tree would add for the samples there
    normaliser: float  # expected sum of lengths over all trees

    @classmethod
    def fit(cls, rows: NDArray[np.float32], seed: int, trees: int = TREES, samples: int = SAMPLES) -> "FlatForest":
        """Grows on (N, F) rows; ValueError without rows."""
        if not len(rows):
            raise ValueError("an Isolation Forest needs at least one row")
        samples = min(samples, len(rows))
        grown = IsolationForest(n_estimators=trees, max_samples=samples, random_state=seed).fit(rows)
        flat = [_flattened(tree.tree_) for tree in grown.estimators_]
        features, thresholds, left, right, lengths = (_stacked(column) for column in zip(*flat, strict=True))
        return cls(features, thresholds, left, right, lengths, trees * float(average_length(samples)))

    def score(self, rows: NDArray[np.float32]) -> Floats:
        """(N, F) -> (N,) in (0, 1]; higher is more anomalous (scikit-learn's `-score_samples`)."""
        parts = [self._lengths(rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK)]
        lengths = np.concatenate([np.zeros(0), *parts])
        # One sample per tree isolates nothing: every row is as normal as any other.
        share = lengths / self.normaliser if self.normaliser else np.ones(len(rows))
        scores: Floats = np.power(2.0, -share)
        return scores

    def _lengths(self, rows: NDArray[np.float32]) -> Floats:
        rows = np.asarray(rows, np.float32)  # scikit-learn compares in float32 too
        trees, everyone = np.arange(len(self.features))[None, :], np.arange(len(rows))[:, None]
        nodes = np.zeros((len(rows), len(self.features)), np.int32)
        while (inner := (tested := self.features[trees, nodes]) != LEAF).any():
            smaller = rows[everyone, np.where(inner, tested, 0)] <= self.thresholds[trees, nodes]
            below = np.where(smaller, self.left[trees, nodes], self.right[trees, nodes])
            nodes = np.where(inner, below, nodes)
        lengths: Floats = self.lengths[trees, nodes].sum(axis=1)
        return lengths

    def save(self, path: Path) -> None:
        np.savez(
            path, features=self.features, thresholds=self.thresholds, left=self.left, right=self.right,
            lengths=self.lengths, normaliser=self.normaliser,
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> "FlatForest":
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**{**arrays, "normaliser": float(arrays["normaliser"])})


def average_length(samples: Any) -> Any:
    """Mean path length of an unsuccessful search in a binary tree of `samples`: 0 for one, 1 for two."""
    count = np.asarray(samples, np.float64)
    larger = np.maximum(count, 3)
    formula = 2 * (np.log(larger - 1) + np.euler_gamma) - 2 * (larger - 1) / larger
    return np.where(count <= 1, 0.0, np.where(count == 2, 1.0, formula))


def _flattened(tree: Any) -> FlatTree:
    depths = np.zeros(tree.node_count)
    for node in range(tree.node_count):  # parents come before their children
        if tree.children_left[node] != LEAF:
            depths[[tree.children_left[node], tree.children_right[node]]] = depths[node] + 1
    is_leaf = tree.children_left == LEAF
    return (
        np.where(is_leaf, LEAF, tree.feature).astype(np.int32),
        tree.threshold.astype(np.float64),
        tree.children_left.astype(np.int32),
        tree.children_right.astype(np.int32),
        depths + average_length(tree.n_node_samples),
    )


def _stacked(columns: Any) -> Any:
    """One row per tree, filled up with LEAF to the size of the largest."""
    result = np.full((len(columns), max(map(len, columns))), LEAF, dtype=columns[0].dtype)
    for row, column in zip(result, columns, strict=True):
        row[: len(column)] = column
    return result
