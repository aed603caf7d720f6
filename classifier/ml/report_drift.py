"""Whether reports still look as they did when the model learned: a window of new ones against reports of that time.

Three tests, each with a p-value that holds for few reports and whatever they are like, because what is compared could
as well have been dealt out the other way round. Of the texts: the kernel two-sample test (Gretton and others, "A Kernel
Two-Sample Test", JMLR 2012) of hashed character n-grams, against reports that the model learned from. Of the predicted
categories: the G-test by permutation. Of the share of unsure predictions: Fisher's exact test. The last two are against
reports of the same time that the model has not learned from: of those that it knows it is surer than of any new ones,
and each look at new ones would be an alarm. For the same reason texts are not compared by the encoder's vectors.

All of this, how many reports make a window, and when tests that fired are an alarm, was chosen by measurement:
benchmarks/report_drift.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.ml.themes import A_WORD, LONGEST, MARKED

TEXT, PREDICTION, ABSTENTION = "text", "prediction", "abstention"
KINDS = (TEXT, PREDICTION, ABSTENTION)
PERMUTATIONS = 499  # the smallest p-value is one in 500
LEAST_REFERENCE = 50  # reports; fewer say little of what is usual
MOST_REFERENCE = 500  # reports; more take longer and tell hardly more apart
NEIGHBOURS = 5  # of a report, by which it is told how unlike the others it is
WORDS = 12  # that are told
FEWEST = 5  # reports of a window that have a word before it is one
TIMES = 3.0  # more frequent than before

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Answers:
    """What one model version said of N reports: the predicted categories, and (N,) whether it was unsure."""

    categories: Sequence[str]
    unsure: NDArray[np.bool_]


@dataclass(frozen=True)
class Measured:
    """`statistic` grows with the difference, in the units of its test; `p` is how often chance alone does as much.

    For abstention the statistic is the share of unsure reports in the window less that of the reference.
    """

    statistic: float
    p: float


@dataclass(frozen=True)
class FrequentWord:
    """`share` of the window's reports that have the word, `before` of those that the model learned from: 0 to 1."""

    word: str
    share: float
    before: float


@dataclass(frozen=True)
class Rule:
    """A test has fired when its p-value is at most `level`; an alarm are `needed` of the last `of` looks that did."""

    level: float
    needed: int
    of: int

    def holds(self, p_values: Sequence[float]) -> bool:
        """Whether it is an alarm now. The newest p-value stands last."""
        lately = p_values[-self.of :]
        return sum(p <= self.level for p in lately) >= self.needed

    def begins(self, p_values: Sequence[float]) -> bool:
        """Whether it is an alarm now and was none at the look before: one change is told once."""
        return self.holds(p_values) and not self.holds(p_values[:-1])


RULE = Rule(level=0.05, needed=2, of=2)  # a false alarm in some 200 looks


def compare_answers(window: Answers, usual: Answers, seed: int) -> dict[str, Measured]:
    """The tests of predictions and of abstention. Same answers and seed, same result."""
    return {
        PREDICTION: category_test(window.categories, usual.categories, np.random.default_rng(seed)),
        ABSTENTION: abstention_test(window.unsure, usual.unsure),
    }


def text_test(window: Vectors, known: Vectors, seed: int) -> Measured:
    """Squared maximum mean discrepancy of (N, D) and (M, D) unit vectors, without bias, under a Gaussian kernel as wide
    as their median distance."""
    kernel = gaussian_kernel(np.concatenate([window, known]))
    np.fill_diagonal(kernel, 0)
    n, m = len(window), len(known)
    drawn = np.zeros((PERMUTATIONS + 1, n + m), np.float32)
    drawn[:, :n] = 1
    drawn[1:] = np.random.default_rng(seed).permuted(drawn[1:], axis=1)
    to_drawn = drawn @ kernel  # (permutations + 1, n + m): what each report has in common with those of the window
    within = (to_drawn * drawn).sum(axis=1, dtype=np.float64)
    across = to_drawn.sum(axis=1, dtype=np.float64) - within
    others = kernel.sum(dtype=np.float64) - within - 2 * across
    found = within / (n * (n - 1)) + others / (m * (m - 1)) - 2 * across / (n * m)
    return Measured(float(found[0]), _p_value(found))


def gaussian_kernel(vectors: Vectors) -> Vectors:
    """(N, N) for unit vectors; 1 on the diagonal."""
    squared = np.clip(2 - 2 * (vectors @ vectors.T), 0, None)
    median = float(np.median(squared[np.triu_indices(len(squared), 1)]))
    kernel: Vectors = np.exp(-squared / (median or 1.0)).astype(np.float32)
    return kernel


def category_test(window: Sequence[str], reference: Sequence[str], random: np.random.Generator) -> Measured:
    """G of the table of categories: twice the likelihood ratio. Small counts need no rule of thumb: chance is dealt."""
    names = sorted({*window, *reference})
    counts = np.array([[side.count(name) for name in names] for side in (list(window), list(reference))])
    dealt = random.multivariate_hypergeometric(counts.sum(axis=0), len(window), size=PERMUTATIONS)
    found = _g(np.concatenate([counts[:1], dealt]), counts.sum(axis=0))
    return Measured(float(found[0]), _p_value(found))


def _g(windows: NDArray[np.int64], both: NDArray[np.int64]) -> Floats:
    """(P, C) counts of windows and (C,) of both sides together -> (P,)."""
    size, total = windows.sum(axis=1, keepdims=True), both.sum()
    result = np.zeros(len(windows))
    for observed, expected in ((windows, both * size / total), (both - windows, both * (total - size) / total)):
        with np.errstate(divide="ignore", invalid="ignore"):
            result += 2 * np.where(observed > 0, observed * np.log(observed / expected), 0).sum(axis=1)
    return result


def abstention_test(window: NDArray[np.bool_], reference: NDArray[np.bool_]) -> Measured:
    """Fisher's exact test, in both directions: a model that is suddenly sure of everything is as odd."""
    from scipy.stats import fisher_exact  # SciPy and scikit-learn take seconds to load, and only a worker tests

    table = [[int(side.sum()), int((~side).sum())] for side in (window, reference)]
    return Measured(float(window.mean() - reference.mean()), float(fisher_exact(table).pvalue))


def unlikeness(vectors: Vectors, known: Vectors) -> Floats:
    """(N,): how far each report is from its nearest known ones, 0 (the same) to 2 (the opposite), by cosine."""
    near = min(NEIGHBOURS, len(known))
    cosines = vectors @ known.T
    found: Floats = 1 - np.sort(cosines, axis=1)[:, -near:].mean(axis=1, dtype=np.float64)
    return found


def frequent_words(window: Sequence[str], known: Sequence[str]) -> list[FrequentWord]:
    """Words that many more reports have than before, the largest ratio of the shares first.

    Half a report is added to each count, so that a word that nobody had before does not beat all others. No numbers
    and addresses, and no word of fewer than `FEWEST` reports: none of a single person.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(token_pattern=A_WORD, stop_words="english", binary=True)
    try:
        present = counter.fit_transform([MARKED.sub(" ", text[:LONGEST]) for text in (*window, *known)])
    except ValueError:  # not a single word in all of them
        return []
    now = np.asarray(present[: len(window)].sum(axis=0)).ravel()
    then = np.asarray(present[len(window) :].sum(axis=0)).ravel()
    ratios = (now + 0.5) / (len(window) + 1) / ((then + 0.5) / (len(known) + 1))
    names = counter.get_feature_names_out()
    found = [place for place in np.argsort(-ratios, kind="stable") if now[place] >= FEWEST and ratios[place] >= TIMES]
    return [
        FrequentWord(str(names[place]), float(now[place] / len(window)), float(then[place] / max(len(known), 1)))
        for place in found[:WORDS]
    ]


def _p_value(found: Floats) -> float:
    """Of the first among all: ties, give or take rounding, count as as much."""
    return float((found[1:] >= found[0] - 1e-12).sum() + 1) / len(found)
