"""Whether a difference between two models on the same reports is real, and how sure a figure is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Interval = tuple[float, float]

LEVEL = 0.95  # of every interval
Z = 1.959963984540054  # standard deviations on either side of that level
ALPHA = 0.05  # below this p a difference is called real
RESAMPLES = 2000  # of the bootstrap: another seed then moves the ends of the interval by some hundredths of its width
SEED = 20261127


def wilson(hits: Floats | Counts | float, n: Floats | Counts | float) -> tuple[Floats, Floats]:
    """The interval of a share of `n` by Wilson (1927), which holds near 0 and 1 and for few; 0 to 1 of none."""
    count = np.asarray(n, float)
    none = count == 0
    size = np.where(none, 1.0, count)
    share, square = np.asarray(hits, float) / size, Z**2
    middle = (share + square / (2 * size)) / (1 + square / size)
    half = Z * np.sqrt(np.maximum(share * (1 - share), 0) / size + square / (4 * size**2)) / (1 + square / size)
    return np.where(none, 0.0, np.maximum(middle - half, 0.0)), np.where(none, 1.0, np.minimum(middle + half, 1.0))


def f1_interval(tp: Counts, predicted: Counts, support: Counts) -> tuple[Floats, Floats]:
    """The interval of F1 = 2TP / (predicted + support), class by class.

    F1 = 2J / (1 + J), where J = TP / (TP + FP + FN) is a share; the ends of its Wilson interval are carried over
    (the indirect method of Lam, Gopal and Qian 2023, arXiv:2309.14621). A bootstrap would call a class with a handful
    of reports, all of them right, perfect for certain.
    """
    low, high = wilson(tp, predicted + support - tp)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def mcnemar(gained: int, lost: int) -> float:
    """Two-sided p of McNemar's exact test (1947) on reports that exactly one of two models has right.

    Were both equally good, each of these would fall to either side like a coin.
    """
    return float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """p values as they count when so many differences are looked at at once (Holm 1979)."""
    order = np.argsort(p_values, kind="stable")
    steps = np.asarray(p_values, float)[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(value) for value in adjusted]


@dataclass(frozen=True, slots=True)
class Difference:
    """Macro-F1 of two models on the same reports; the interval is of `one - other`."""

    one: float
    other: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        return self.one - self.other


def macro_f1_difference(
    truths: Sequence[str], one: Sequence[str], other: Sequence[str], resamples: int = RESAMPLES, seed: int = SEED
) -> Difference:
    """Macro-F1 of two models, with an interval of their difference by a paired bootstrap over reports (Efron 1979).

    The macro-F1 is the one of `metrics.string_scores`: the mean over the labels that are true or predicted. Whole
    reports are drawn, so that what makes one hard for both models stays with both. The interval is symmetric, as far
    as 95 % of the draws are from what was found, so it holds what was found. Simulated (benchmarks/significance.py,
    200 to 2,000 reports of 8 to 40 labels), it held the truth in 94 to 98 % of cases. Drawing within the true labels
    would take for known how many reports a rare label has, and held it in 85 to 96 %. Draws are counts of (truth, one,
    other), of which there are few, whatever the number of reports.
    """
    labels = sorted({*truths, *one, *other})
    place = {label: number for number, label in enumerate(labels)}
    kinds, counts = np.unique(
        np.array([[place[a], place[b], place[c]] for a, b, c in zip(truths, one, other, strict=True)], np.int64),
        axis=0,
        return_counts=True,
    )
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts / counts.sum(), size=resamples)
    mine, theirs = (_macro_f1(counts[None, :], kinds[:, 0], said, len(labels))[0] for said in kinds.T[1:])
    mines, others = (_macro_f1(drawn, kinds[:, 0], said, len(labels)) for said in kinds.T[1:])
    found = float(mine - theirs)
    reach = float(np.quantile(np.abs(mines - others - found), LEVEL))
    return Difference(float(mine), float(theirs), max(found - reach, -1.0), min(found + reach, 1.0))


def _macro_f1(counts: Counts, truth: Counts, predicted: Counts, labels: int) -> Floats:
    """(R,) the mean F1 over the labels that a draw has, of kinds of reports with these counts (R, K)."""
    support, said, tp = (np.zeros((labels, len(counts)), np.int64) for _ in range(3))
    columns = counts.T
    np.add.at(support, truth, columns)
    np.add.at(said, predicted, columns)
    hits = truth == predicted
    np.add.at(tp, truth[hits], columns[hits])
    both = support + said
    f1 = np.divide(2 * tp, both, out=np.zeros(both.shape), where=both > 0)
    mean: Floats = f1.sum(axis=0) / (both > 0).sum(axis=0)
    return mean
