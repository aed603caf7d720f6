"""Whether a confidence means what it says: how often reports of about one confidence are exactly right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.ml.significance import wilson

MOST_BINS = 10
LEAST = 15  # reports in a bin: with fewer its interval is half of the scale


@dataclass(frozen=True, slots=True)
class Bin:
    """Reports of about one confidence."""

    n: int
    confidence: float  # their mean
    right: float  # share of them that is exactly right
    low: float  # ends of the 95 % interval of that share
    high: float


def reliability(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> list[Bin]:
    """Bins of about the same number of reports, by rising confidence; equal confidences share a bin.

    Of equal mass, since bins of equal width leave most of them empty where models are mostly sure (Nguyen and
    O'Connor 2015, arXiv:1508.05154). Each has Wilson's interval: chance alone takes a bin off the diagonal, too.
    """
    if not len(confidence):
        return []
    values, group = np.unique(confidence, return_inverse=True)
    sizes = np.bincount(group, minlength=len(values))
    hits = np.bincount(group, right.astype(float), minlength=len(values))
    wanted = max(1, min(MOST_BINS, len(confidence) // LEAST))
    middle = np.cumsum(sizes) - sizes / 2  # where the middle report of each confidence stands
    bins = np.minimum((middle * wanted / len(confidence)).astype(int), wanted - 1)
    n = np.bincount(bins, sizes, minlength=wanted)
    found = np.bincount(bins, hits, minlength=wanted)
    mean = np.bincount(bins, values * sizes, minlength=wanted)
    low, high = wilson(found, n)
    return [
        Bin(int(n[i]), float(mean[i] / n[i]), float(found[i] / n[i]), float(low[i]), float(high[i]))
        for i in range(wanted)
        if n[i]
    ]
