"""Whether scores still look as they did at the training, and what follows from it; no state, no clock."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COMPARED = 2000  # scores, the newest
DRIFTED = 0.12  # distance; in 2,000 scores chance alone reaches 0.05
IN_A_ROW = 2  # once may be a burst
SMALLEST_GAP = 2000  # events from one fit to the next
OLDEST = 86_400.0  # seconds
MOST_MOVE = 0.2  # of a threshold, from one version to the next
MOST_ALERTS = 2.0  # times the budget
EXPECTED = 10  # alerts, from which on not a single one is odd


def ks_distance(one: Floats, other: Floats) -> float:
    """Kolmogorov and Smirnov's: the largest difference between two empirical distributions, 0 to 1.

    Scores in any order; ValueError without any.
    """
    if not len(one) or not len(other):
        raise ValueError("a distribution needs at least one score")
    one, other = np.sort(one), np.sort(other)
    steps = np.concatenate([one, other])
    shares = [np.searchsorted(scores, steps, side="right") / len(scores) for scores in (one, other)]
    return float(np.abs(shares[0] - shares[1]).max())


def refit_reason(distances: Sequence[float], events: int, seconds: float) -> str:
    """Why to train anew, or "". `distances` since the last fit, the newest last; events and seconds since then."""
    if events < SMALLEST_GAP:
        return ""
    if len(distances) >= IN_A_ROW and min(distances[-IN_A_ROW:]) > DRIFTED:
        return f"scores have moved ({distances[-1]:.3f}), {IN_A_ROW} times in a row"
    return "the detector is older than a day" if seconds > OLDEST else ""


def clipped_threshold(old: float | None, new: float) -> float:
    """At most a fifth from the old version's threshold: a wave of attacks does not lift it out of reach."""
    return new if old is None else min(max(new, (1 - MOST_MOVE) * old), (1 + MOST_MOVE) * old)


def objection(scores: Floats, threshold: float, budget: float) -> str:
    """Why a version that scored these events in the shadow may not take charge, or ""."""
    if len(scores) < COMPARED:
        return f"only {len(scores):,} events were scored; {COMPARED:,} are needed"
    if np.ptp(scores) == 0:
        return "it gives every event the same score"
    rate, events = float(np.mean(scores > threshold)), f"{len(scores):,} events"
    if rate > MOST_ALERTS * budget:
        return f"{rate:.2%} of {events} are above its threshold, more than twice the budget of {budget:.2%}"
    if rate == 0 and (expected := budget * len(scores)) >= EXPECTED:
        return f"none of {events} is above its threshold, where the budget expects {expected:.0f}"
    return ""
