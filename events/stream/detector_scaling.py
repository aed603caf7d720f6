"""What a forest is given in place of raw units: signed logarithms of the distance from the usual.

A forest cuts the range of a feature evenly, and of bytes or durations as they come it would give nearly all cuts to
the few largest values. On 7 data sets of ADBench it has a mean average precision of 0.60, against 0.52 for raw units
and 0.55 for their logarithms, most of it by smtp, at an equal area under the ROC curve; on NSL-KDD that is 0.955.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST = 1e300  # beyond, differences and squares overflow
LINEAR = 0.3  # of the range of the middle half: up to about there distances stay as they are


@dataclass(frozen=True, eq=False)
class Scaling:
    """Per feature, (F,) each: a usual value, which also stands for one that is missing, and a distance above 0."""

    medians: Floats
    distances: Floats

    @classmethod
    def fit(cls, rows: Floats) -> "Scaling":
        """(N, F), NaN where a value is missing."""
        medians = _medians(rows)
        away = finite(np.where(np.isnan(rows), medians, rows)) - medians
        low, high = np.percentile(away, [25, 75], axis=0)
        half = high - low
        distances = np.where(half > 0, LINEAR * half, LINEAR * _deviations(away))
        return cls(medians, np.where(distances > 0, distances, 1.0))

    def filled(self, rows: Floats) -> Floats:
        """Without missing values, in raw units."""
        return finite(np.where(np.isnan(rows), self.medians, rows))

    def squeezed(self, rows: Floats) -> NDArray[np.float32]:
        away = self.filled(rows) - self.medians
        with np.errstate(over="ignore"):
            times = np.minimum(np.abs(away) / self.distances, LARGEST)
        return np.asarray(np.copysign(np.log1p(times), away), np.float32)


def finite(rows: Floats) -> Floats:
    """Huge and infinite numbers, such as a difference of two huge ones, count as the largest; NaN stays."""
    return np.clip(rows, -LARGEST, LARGEST)


def _medians(rows: Floats) -> Floats:
    """Of what is there, 0 for a feature without any value; a value that occurs."""
    counts = np.count_nonzero(~np.isnan(rows), axis=0)
    middle = np.sort(rows, axis=0)[np.maximum(counts - 1, 0) // 2, np.arange(rows.shape[1])]
    return finite(np.where(counts > 0, middle, 0.0))


def _deviations(away: Floats) -> Floats:
    """Standard deviations, by way of a unit in which no square overflows."""
    unit = np.abs(away).max(axis=0)
    unit[unit == 0] = 1.0
    result: Floats = (away / unit).std(axis=0) * unit
    return result
