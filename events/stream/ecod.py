"""ECOD (Li, Zhao, Hu, Botta, Ionescu and Chen 2022) against a frozen reference: how far out in which tail.

The published program ranks the asked rows among themselves and the reference together, so that a row's score depends
on its company; here the reference is what was there when it was fitted, and a row has one score.
"""

from dataclasses import dataclass

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

    def tails(self, rows: Floats) -> tuple[Floats, Floats]:
        """(N, F) -> the shares of the reference that are not above, and not below, each value: (N, F) each.

        At least 1 / (n + 1), so that a logarithm exists. 1 where a value is missing or the feature has no reference.
        """
        left, right = np.ones(rows.shape), np.ones(rows.shape)
        for feature, count in enumerate(self.counts):
            if count:
                points, ranks, values = self.points[feature], self.ranks[feature], rows[:, feature]
                below = np.concatenate([[0], ranks[:-1] + 1])[np.searchsorted(points, values, "left")]
                least = 1 / (count + 1)
                left[:, feature] = np.maximum(ranks[np.searchsorted(points, values, "right")] / count, least)
                right[:, feature] = np.maximum(1 - np.minimum(below, count) / count, least)
        missing = np.isnan(rows)
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
