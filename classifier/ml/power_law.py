"""How an error falls with the number of labels: error(n) = a n^-b + c, with a floor c that more labels do not lift."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Nearly all learning curves lie in between (Viering and Loog, "The Shape of Learning Curves", 2021).
EXPONENTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True, eq=False)
class PowerLaw:
    """Any number of curves at once; `a`, `b` and `c` have one shape, a, c >= 0."""

    a: Floats
    b: Floats
    c: Floats

    def error(self, count: Floats | float) -> Floats:
        """At `count` > 0 labels, 0 to 1; it never rises with the count."""
        return np.clip(self.a * np.asarray(count, float) ** -self.b + self.c, 0.0, 1.0)


def fit_power_law(counts: Floats, errors: Floats, weights: Floats) -> PowerLaw:
    """Least squares along the last axis of `errors` (..., F); `counts` > 0 and `weights` (F,) or of the same shape.

    For each exponent the best a and c are had in closed form, and the exponent with the least squares is taken: so
    thousands of curves are fitted at once, and none is stuck in a local optimum.
    """
    shape = errors.shape[:-1]
    best = PowerLaw(np.zeros(shape), np.full(shape, EXPONENTS[0]), np.zeros(shape))
    least = np.full(shape, np.inf)
    for exponent in EXPONENTS:
        x = np.asarray(counts, float) ** -exponent
        a, c = _line(x, errors, weights)
        squares = (weights * (errors - a[..., None] * x - c[..., None]) ** 2).sum(axis=-1)
        better = squares < least
        least = np.where(better, squares, least)
        best = PowerLaw(np.where(better, a, best.a), np.where(better, exponent, best.b), np.where(better, c, best.c))
    return best


def _line(x: Floats, y: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Slope and intercept, neither below 0."""
    w = np.broadcast_to(weights, y.shape)
    total, first, second = w.sum(axis=-1), (w * x).sum(axis=-1), (w * x * x).sum(axis=-1)
    of_y, both = (w * y).sum(axis=-1), (w * x * y).sum(axis=-1)
    spread = np.maximum(total * second - first**2, 1e-300)
    slope = (total * both - first * of_y) / spread
    floor = (of_y - slope * first) / total
    flat, floorless = slope < 0, (slope >= 0) & (floor < 0)
    slope = np.where(flat, 0.0, np.where(floorless, both / second, slope))
    floor = np.where(flat, of_y / total, np.where(floorless, 0.0, floor))
    return slope, floor
