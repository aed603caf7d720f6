"""From which likeness on two reports are offered as alike: learned from what people said to earlier offers."""

from collections.abc import Sequence

import numpy as np

ENOUGH = 20  # answers of each kind; with fewer, the start stays
LOWEST, HIGHEST = 0.3, 0.99  # whatever is learned: never offer everything, never nothing


def best_cut(similarities: Sequence[float], alike: Sequence[bool], start: float) -> float:
    """The cut with the best F1 on the answers; `start` until there are ENOUGH of both kinds.

    Of equals the nearest to `start`. Answers come from offers, which lie above the cut of their day, and from reports
    that people joined by themselves, which lie anywhere: these are what can lower it again.
    """
    yes = np.asarray(alike, bool)
    if min(yes.sum(), (~yes).sum()) < ENOUGH:
        return start
    order = np.argsort(np.asarray(similarities, float), kind="stable")
    values, right = np.asarray(similarities, float)[order], yes[order]
    found = right[::-1].cumsum()[::-1]  # alike, from each place on
    offered = np.arange(len(values), 0, -1)
    f1 = 2 * found / (offered + right.sum())
    f1[1:][values[1:] == values[:-1]] = -1  # no cut between equals
    middles = np.concatenate([values[:1], (values[1:] + values[:-1]) / 2])
    best = np.flatnonzero(f1 >= f1.max() - 1e-12)
    return float(np.clip(middles[best[np.argmin(np.abs(middles[best] - start))]], LOWEST, HIGHEST))
