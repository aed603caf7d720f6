"""Label sets with a promise: the true labels are among these, in so many of a hundred reports."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.ml.calibration import Floats


@dataclass(frozen=True, slots=True)
class LabelSets:
    """Split-conformal prediction (Sadinle et al. 2019, arXiv:1609.00451): all labels above one threshold.

    `scores` are, rising, 1 - p of the least probable true label of each calibration report, so a set holds all labels
    of a report, or counts as a miss. The promise holds on average over reports like those it was calibrated on. Here
    these have chosen the epoch, the blend and the temperatures as well, so it is a little too good where they are few
    (docs/evaluation.md).
    """

    scores: tuple[float, ...] = ()

    @classmethod
    def fit(cls, probabilities: Floats, truths: Sequence[Sequence[int]]) -> "LabelSets":
        return cls(
            tuple(sorted(float(1 - row[list(truth)].min()) for row, truth in zip(probabilities, truths, strict=True)))
        )

    def lowest(self, coverage: float) -> float:
        """The probability from which a label belongs to the set; 0, hence all of them, for too few reports.

        ValueError for a coverage outside of (0, 1).
        """
        if not 0 < coverage < 1:
            raise ValueError(f"a coverage lies between 0 and 1, not at {coverage}")
        rank = math.ceil((len(self.scores) + 1) * coverage)
        return 1 - self.scores[rank - 1] if rank <= len(self.scores) else 0.0

    def of(self, probabilities: NDArray[np.floating], coverage: float) -> list[tuple[int, ...]]:
        """(N, P) -> per row the set's labels, most probable first; the most probable one always."""
        order = np.argsort(-probabilities, axis=1, kind="stable")
        sizes = np.maximum((probabilities >= self.lowest(coverage)).sum(axis=1), 1)
        return [tuple(map(int, row[:size])) for row, size in zip(order, sizes, strict=True)]


def coverage_of(sets: Sequence[Sequence[int]], truths: Sequence[Sequence[int]]) -> float:
    """Share of reports whose true labels are all in their set."""
    return float(np.mean([set(truth) <= set(found) for found, truth in zip(sets, truths, strict=True)]))
