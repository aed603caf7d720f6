"""An Isolation Forest (Liu, Ting and Zhou 2008) grown by scikit-learn and scored from plain arrays."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from classifier.ml.forest_walk import LEAF, Floats, ForestWalk, Ints

TREES = 100  # the paper's: scores hardly change beyond
SAMPLES = 512  # per tree; the paper's 256 doubled, since report vectors have many features

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

    @cached_property
    def _walk(self) -> ForestWalk:
        return ForestWalk.of(self.features, self.thresholds, self.left, self.right, self.lengths)

    def score(self, rows: NDArray[np.float32]) -> Floats:
        """(N, F) -> (N,) in (0, 1]; higher is more anomalous (scikit-learn's `-score_samples`)."""
        lengths = self._walk.total_lengths(np.asarray(rows, np.float32))  # scikit-learn compares in float32 too
        # One sample per tree isolates nothing: every row is as normal as any other.
        share = lengths / self.normaliser if self.normaliser else np.ones(len(rows))
        scores: Floats = np.power(2.0, -share)
        return scores

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
    is_leaf = tree.children_left == LEAF
    return (
        np.where(is_leaf, LEAF, tree.feature).astype(np.int32),
        tree.threshold.astype(np.float64),
        tree.children_left.astype(np.int32),
        tree.children_right.astype(np.int32),
        _depths(tree) + average_length(tree.n_node_samples),
    )


def _depths(tree: Any) -> Floats:
    depths, level, depth = np.zeros(tree.node_count), np.zeros(1, np.int64), 0
    while len(level):
        depths[level] = depth
        inner = level[tree.children_left[level] != LEAF]
        level = np.concatenate([tree.children_left[inner], tree.children_right[inner]])
        depth += 1
    return depths


def _stacked(columns: Any) -> Any:
    """One row per tree, filled up with LEAF to the size of the largest."""
    result = np.full((len(columns), max(map(len, columns))), LEAF, dtype=columns[0].dtype)
    for row, column in zip(result, columns, strict=True):
        row[: len(column)] = column
    return result
