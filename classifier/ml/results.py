"""What goes into and comes out of a classifier."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Example:
    """A text with the indices of its paths; several are several labels of one report.

    Texts of one `group` (a document, near-duplicates) resemble each other and are never torn apart by a split.
    """

    text: str
    paths: tuple[int, ...]
    group: str = ""  # empty: alone
    weight: float = 1.0  # how much it counts in training; 0 is as if it were not there


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """One report's distribution over all paths, and what was decided from it."""

    probabilities: NDArray[np.float32]  # (P,), sums to 1
    decided: tuple[int, ...]  # path indices, most probable first, at least one
    confidence: float  # calibrated probability that `decided` is exactly right
    vector: NDArray[np.float32] | None = None  # (D,), unit length
    categories: tuple[str, ...] = ()  # decided on their own level, sorted: what is left where the path is not sure
    category_confidence: float | None = None  # calibrated probability that `categories` are exactly right
    own: NDArray[np.float32] | None = None  # (Q,) over the model's own paths, where the taxonomy has changed since

    def is_unsure(self, threshold: float) -> bool:
        return self.confidence < threshold


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Raw output of one expert for N texts."""

    log_probabilities: NDArray[np.float64]  # (N, P); -inf for a path that the expert does not know
    vectors: NDArray[np.float32] | None = None  # (N, D), rows of unit length
    read: NDArray[np.float64] | None = None  # (N,) the share of each text that the expert has read; None: all
