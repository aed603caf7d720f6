"""ECOD (Li, Zhao, Hu, Botta, Ionescu and Chen 2022) against a frozen reference: how far out in which tail.

The published program ranks the asked rows among themselves and the reference together, so that a row's score depends
on its company; here the reference is what was there when it was fitted, and a row has one score.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_POINTS = 2000  # per feature: tails are then known to 0.05 %
ENDS = 200  # of them the lowest and the highest values, one by one: tails matter most


@dataclass(frozen=True, eq=False)
class Ecod:
    """Per feature `points` (F, P) of its sorted values, filled up with inf, and how many values lie below each.

    `ranks` (F, P + 1) is filled up with `counts` (F,), the number of values.
    """

    points: Floats
    ranks: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def fit(cls, rows: Floats) -> "Ecod":
        """(N, F), NaN where a value is missing; bounded memory whatever N."""
        counts = np.count_nonzero(~np.isnan(rows), axis=0)
        size = min(MOST_POINTS, int(counts.max(initial=0)))
        points = np.full((rows.shape[1], size), np.inf)
        ranks = np.repeat(counts[:, None], size + 1, axis=1)
        for feature, count in enumerate(counts):
            kept = _kept(int(count))
            points[feature, : len(kept)] = np.sort(rows[:, feature])[kept]  # NaN is sorted behind all numbers
            ranks[feature, : len(kept)] = kept
        return cls(points, ranks, counts)

    @cached_property
    def _below(self) -> NDArray[np.int64]:
        """(F, P + 1): how many values are surely less than one that so many points are less than."""
        before = np.minimum(self.ranks[:, :-1] + 1, self.counts[:, None])
        return np.concatenate([np.zeros((len(before), 1), np.int64), before], axis=1)

    def tails(self, rows: Floats) -> tuple[Floats, Floats]:
        """(N, F) -> the shares of the reference that are not above, and not below, each value: (N, F) each.

        At least 1 / (n + 1), so that a logarithm exists. 1 where a value is missing or the feature has no reference.
        """
        lower, upper = np.empty(rows.shape, np.int64), np.empty(rows.shape, np.int64)
        for feature, points in enumerate(self.points):  # only the searches: the rest is done for all features at once
            lower[:, feature] = points.searchsorted(rows[:, feature], "left")
            upper[:, feature] = points.searchsorted(rows[:, feature], "right")
        features, counts = np.arange(len(self.counts)), np.maximum(self.counts, 1)
        least = 1 / (counts + 1)
        left = np.maximum(self.ranks[features, upper] / counts, least)
        right = np.maximum(1 - self._below[features, lower] / counts, least)
        missing = np.isnan(rows)
        missing |= self.counts == 0
        left[missing] = right[missing] = 1.0
        return left, right

    def score(self, rows: Floats) -> Floats:
        """(N, F) -> (N,) in [0, 1): 1 less the geometric mean over features of the smaller tail.

        It orders rows as the published sum of negative logarithms does.
        """
        left, right = self.tails(rows)
        scores: Floats = 1 - np.exp(np.log(np.minimum(left, right)).mean(axis=1))
        return scores


def _kept(count: int) -> NDArray[np.int64]:
    """Places of the sorted values that are kept."""
    if count <= MOST_POINTS:
        return np.arange(count)
    middle = np.linspace(ENDS, count - ENDS - 1, MOST_POINTS - 2 * ENDS).astype(np.int64)
    return np.concatenate([np.arange(ENDS), middle, np.arange(count - ENDS, count)])
