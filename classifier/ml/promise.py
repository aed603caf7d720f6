"""Whether a promise is still kept, looked at after every report and for as long as one likes.

Evidence is a betting martingale (Ville 1939; Waudby-Smith and Ramdas 2024, arXiv:2010.09686): money that is staked
against the promise report by report. While the promise holds, it reaches 1 / LEVEL with a probability of LEVEL at most,
however often one looks: so a false alarm comes in at most one of 20 reigns of a model.
"""

from collections.abc import Sequence

import numpy as np

LEVEL = 0.05  # of false alarms, of each promise over the whole reign of a model
TIMES = (1.25, 1.5, 2.0, 3.0, 5.0, 8.0)  # by how much more than allowed is missed, as the bets suppose
MOST = 0.95  # of a supposed share of misses


def evidence(missed: Sequence[bool], allowed: Sequence[float]) -> float:
    """The most that stood against the promise so far, report by report: 1 says nothing, 20 is an alarm.

    `allowed`: of each report the promised share of misses, between 0 and 1.
    """
    if not missed:
        return 1.0
    hits, null = np.array(missed, bool), np.array(allowed, float)
    supposed = np.maximum(np.minimum(np.outer(TIMES, null), MOST), null)  # (bets, reports); never less than promised
    ratios = np.where(hits, supposed / null, (1 - supposed) / (1 - null))
    wealth = np.exp(np.cumsum(np.log(ratios), axis=1)).mean(axis=0)
    return float(max(1.0, wealth.max()))


def is_broken(missed: Sequence[bool], allowed: Sequence[float]) -> bool:
    return evidence(missed, allowed) >= 1 / LEVEL
