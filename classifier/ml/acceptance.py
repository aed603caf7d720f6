"""From which confidence on reports may be accepted without a look, so that at most so many of them are wrong.

Learn then Test (Angelopoulos et al. 2021, arXiv:2110.01052): each threshold of a list that is fixed beforehand is a
null hypothesis, "of the reports above it, more than the accepted share are wrong"; its p-value is the binomial tail of
the errors found among the held-out reports above it. From each of a few starts, each with its part of the doubt that
is left, thresholds are tested from strict to lax until one cannot be rejected (fixed-sequence testing with several
starts). So with probability `certainty`, over the draw of held-out reports, no threshold that is given is too lax.
It holds for reports like these, one independent of the other; nothing is assumed of how good the confidence is.

The first start, with half of the doubt, is 1 - the accepted error: where confidence can be believed, reports above it
are clearly better than asked for, and there are more of them than above a stricter one. The others are for confidence
that is too high or too low.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CERTAINTY = 0.9  # that the promise is kept
RATIO = 1.25  # between the distances of two thresholds from 1
STARTS = {0: 0.5, 3: 0.2, -3: 0.2, -6: 0.1}  # step -> part of the doubt: 1 - error * RATIO ** step


@dataclass(frozen=True, slots=True)
class Accepted:
    """`threshold` None: no threshold keeps the promise. `reports` and `wrong`: held-out ones above it.

    The threshold was chosen by these very reports, so what was found of them bounds nothing: an interval for a share
    of given reports would be too low. What holds is the promise.
    """

    threshold: float | None
    reports: int = 0
    wrong: int = 0


def thresholds(error: float) -> list[float]:
    """From strict to lax, down to 0. ValueError for an error outside of (0, 1)."""
    if not 0 < error < 1:
        raise ValueError(f"an accepted error lies between 0 and 1, not at {error}")
    steps, found = min(STARTS), []
    while error * RATIO**steps < 1:
        found.append(1 - error * RATIO**steps)
        steps += 1
    return [*found, 0.0]


def acceptance(
    confidence: Floats, wrong: Bools, error: float, certainty: float = CERTAINTY, least: Floats | float = 0.0
) -> Accepted:
    """The laxest threshold with the promise. A report below its own `least` is accepted by none."""
    found = Accepted(None)
    candidates, first = thresholds(error), -min(STARTS)
    for step, part in STARTS.items():
        for threshold in candidates[first + step :]:
            taken = (confidence >= threshold) & (confidence >= least)
            one = Accepted(threshold, int(taken.sum()), int(wrong[taken].sum()))
            if p_value(one.wrong, one.reports, error) > part * (1 - certainty):
                break
            if found.threshold is None or threshold < found.threshold:
                found = one
    return found


def p_value(wrong: int, reports: int, error: float) -> float:
    """How often so few are wrong where `error` of all are; 1 of none."""
    return float(bdtr(wrong, reports, error)) if reports else 1.0


def fewest(error: float, certainty: float = CERTAINTY) -> int:
    """Held-out reports that it takes at least, none of them wrong."""
    return int(np.ceil(np.log(max(STARTS.values()) * (1 - certainty)) / np.log1p(-error)))
