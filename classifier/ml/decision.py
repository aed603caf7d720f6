"""From a distribution over paths to a set of them: the top path, and others that come close enough."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEVER = 1.01  # a ratio that no path reaches
# Falling, so that the first of equals is the strictest.
RATIOS = np.concatenate([[NEVER], np.round(np.arange(1.0, 0.019, -0.02), 2)])


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """The top path always; path j joins when p_j >= ratio * p_top; never more than `cap` paths."""

    ratio: float = NEVER
    cap: int = 1

    def __post_init__(self) -> None:
        if self.cap < 1:
            raise ValueError(f"a decided set holds at least one path, so cap cannot be {self.cap}")

    def decide(self, probabilities: NDArray[np.float64]) -> list[tuple[int, ...]]:
        """(N, P) -> for each row the decided path indices, most probable first (ties: lowest index)."""
        order, relative = ranked(probabilities, self.cap)
        sizes = _sizes(relative, self.ratio)
        return [tuple(map(int, row[:size])) for row, size in zip(order, sizes, strict=True)]


def ranked(probabilities: NDArray[np.float64], cap: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The `cap` best paths of each row (N, k), and their probability relative to the row's best (N, k)."""
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :cap]
    best = np.take_along_axis(probabilities, order, axis=1)
    return order, best / best[:, :1]


def _sizes(relative: NDArray[np.float64], ratio: float) -> NDArray[np.int64]:
    joins = relative >= ratio
    joins[:, 0] = True
    sizes: NDArray[np.int64] = joins.sum(axis=1)
    return sizes


def fit_rule(probabilities: NDArray[np.float64], truths: Sequence[Sequence[int]], cap: int) -> DecisionRule:
    """The ratio with the most exactly right sets; among equals the highest, so that extra labels must pay.

    Nothing to learn from (no rows, or only single labels seen in training) gives the rule "top path only".
    """
    if cap == 1 or not len(truths):
        return DecisionRule(cap=cap)
    order, relative = ranked(probabilities, cap)
    wanted = [frozenset(truth) for truth in truths]
    # right_at[i, k-1]: would the k best paths of row i be exactly its truth?
    right_at = np.array(
        [[set(row[: k + 1].tolist()) == want for k in range(order.shape[1])]
         for row, want in zip(order, wanted, strict=True)]
    )  # fmt: skip
    rows = np.arange(len(wanted))
    hits = [int(right_at[rows, _sizes(relative, ratio) - 1].sum()) for ratio in RATIOS]
    return DecisionRule(float(RATIOS[int(np.argmax(hits))]), cap)


def exactly_right(decided: Sequence[Sequence[int]], truths: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    """(N,) whether each decided set equals the true set."""
    return np.array([set(a) == set(b) for a, b in zip(decided, truths, strict=True)], dtype=bool)
