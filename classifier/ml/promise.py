"""Whether a promise is still kept, looked at after every report and for as long as one likes.

Evidence is a betting martingale (Ville 1939; Waudby-Smith and Ramdas 2024, arXiv:2010.09686): money that is staked
against the promise report by report. While the promise holds, it reaches 1 / LEVEL with a probability of LEVEL at most,
however often one looks: so a false alarm comes in at most one of 20 reigns of a model.

A coverage is promised on average over all sets of calibration reports: of one given set, the share that is missed is a
draw from a beta distribution, and may be twice the promised one where the set is small. So the bets are not against the
promised share but against `left_possible`: how often the next report is missed, if the promise holds, after what was
seen of this set (Pólya's urn). How often both ways call a kept promise broken: benchmarks/coverage.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEVEL = 0.05  # of false alarms, of each promise over the whole reign of a model
TIMES = (1.25, 1.5, 2.0, 3.0, 5.0, 8.0)  # by how much more than promised is missed, as the bets suppose
MOST = 0.95  # of a supposed share of misses
LARGEST = 100.0  # logarithm of what is told; more says no more


@dataclass(frozen=True)
class Evidence:
    """What stands against a promise after some reports. `stakes`: logarithms of what each bet has become;
    `most`: the most that all of them together ever were: 1 says nothing, 20 is an alarm.
    """

    stakes: Sequence[float] = (0.0,) * len(TIMES)
    most: float = 1.0

    def after(self, missed: bool, promised: float, possible: float | None = None) -> "Evidence":
        """After one report more. `promised`: its share of misses, between 0 and 1; `possible`: see `left_possible`."""
        stakes = staked(np.array(self.stakes), missed, promised, promised if possible is None else possible)
        return Evidence(tuple(map(float, stakes)), max(self.most, float(against(stakes))))

    @property
    def is_alarm(self) -> bool:
        return self.most >= 1 / LEVEL


def staked(stakes: Floats, missed: ArrayLike, promised: float, possible: ArrayLike) -> Floats:
    """(..., bets) after one report of each row: what a bet supposes over what is possible; never less than that."""
    null = np.asarray(possible, float)[..., None]
    supposed = np.maximum(np.minimum(np.array(TIMES) * promised, MOST), null)
    hits = np.asarray(missed, bool)[..., None]
    ratios: Floats = np.log(np.where(hits, supposed / null, (1 - supposed) / (1 - null)))
    return stakes + ratios


def against(stakes: Floats) -> Any:
    """(..., bets) -> what all bets together have become of 1."""
    total = np.logaddexp.reduce(stakes, axis=-1) - np.log(len(TIMES))
    return np.exp(np.minimum(total, LARGEST))


def left_possible(coverage: float, calibrated: int, missed: ArrayLike, seen: ArrayLike) -> Any:
    """The share of misses that a kept coverage leaves possible for the next report, after `missed` of `seen`.

    Of n calibration reports the threshold lies at the one of rank ceil((n + 1) * coverage); a new report is as likely
    to fall between any two. At least what is promised: who has kept more than the promise so far owes nothing.
    """
    above = calibrated + 1 - ceil((calibrated + 1) * coverage)
    return np.maximum(1 - coverage, (above + np.asarray(missed)) / (calibrated + 1 + np.asarray(seen)))
