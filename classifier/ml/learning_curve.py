"""What the next labels buy: F1 by the number of labels, for each class and over all, and what more would bring.

The linear expert is trained on nested parts of the labelled reports, an eighth to all, and judged on a fold that it
has not seen, so that after all folds each report is judged once at each size. Reports of one group stay together.
Through the errors goes a power law with a floor (see `power_law`), which forecasts.

Intervals are those of a bootstrap over folds and over groups of reports; each draw has its own power law. They are
of sampling, and of the parts that happened to be drawn; that the labels to come are like those there are is assumed.
A forecast reaches no further than to twice the labels of a class. Of fewer than `FEWEST_OF_CLASS` labels nothing is
forecast.

F1 is that of one class against all others: the decided label of a report is the most probable path, and a report of
several labels is of the classes of all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier.ml.features import TextFeatures
from classifier.ml.linear import LinearExpert
from classifier.ml.power_law import fit_power_law
from classifier.ml.results import Example
from classifier.ml.significance import LEVEL, f1_interval
from classifier.ml.taxonomy import Taxonomy

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

FEWEST = 100  # labelled reports, below which an eighth is a handful
FRACTIONS = (1 / 8, 1 / 4, 1 / 2, 3 / 4, 1.0)
FOLDS = 5
DRAWS = 300  # of the bootstrap
NEXT = 100  # labels that are asked about
FEWEST_OF_CLASS = 20  # labels; of fewer an eighth is two reports, and each report moves F1 by points
WORTH = 0.02  # of F1: what the next labels have to bring to be worth telling
GOOD = 0.6  # F1 from which a class that no longer rises is called good enough, and not stuck
VIEWS = ("category", "sub_category")


class TooFew(Exception):
    """There are too few labels to draw a curve through; the message says what is missing."""


class Verdict(StrEnum):
    """By these rules, the first that holds."""

    STARVING = "starving"  # fewer than FEWEST_OF_CLASS labels
    RISING = "rising"  # F1 has risen with the labels beyond doubt, and the next ones bring WORTH or more
    ENOUGH = "enough"  # the next ones surely bring less than WORTH, and F1 is GOOD or better
    FLAT = "flat"  # the same, but F1 is not: more labels alone do not help
    UNKNOWN = "unknown"  # the curve is too noisy to say


@dataclass(frozen=True)
class Curve:
    """F1 of one class, or of all as a mean (`label` is empty).

    `labels` reports carry the class now. It was measured with `counts` labels to be `f1`; `low` and `high` are the
    interval of the last. `now` is the F1 by the fitted curve at `labels`, `then` at `more` labels more, with
    intervals of `then` and of the `gain`; all None where nothing is forecast.
    """

    view: str
    label: str
    labels: int
    counts: tuple[float, ...]
    f1: tuple[float, ...]
    low: float
    high: float
    more: int
    verdict: str
    now: float | None = None
    then: float | None = None
    then_low: float | None = None
    then_high: float | None = None
    gain: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Judged:
    """What was decided of each report by experts that have not seen it, at each of the FRACTIONS."""

    truths: Sequence[tuple[int, ...]]
    decided: NDArray[np.int64]  # (F, N) paths
    sizes: Floats  # (F,) reports learned from, mean over folds
    path_counts: Floats  # (F, P, FOLDS) reports of each path learned from
    folds: Places  # (N,)
    groups: Places  # (N,)


def learning_curves(
    examples: Sequence[Example], taxonomy: Taxonomy, seed: int, beat: Callable[[], None]
) -> list[Curve]:
    """Of both views: first the mean over classes, then each class. `beat` is called FOLDS * len(FRACTIONS) times, and
    may raise. Raises TooFew."""
    if len(examples) < FEWEST:
        raise TooFew(f"{len(examples)} reports with a label are too few for a learning curve: {FEWEST} are needed.")
    return curves_of(judge(examples, taxonomy, seed, beat), taxonomy, seed)


def judge(examples: Sequence[Example], taxonomy: Taxonomy, seed: int, beat: Callable[[], None]) -> Judged:
    """Trains FOLDS x FRACTIONS experts. Raises TooFew where the reports cannot be told apart into folds."""
    groups = _groups(examples)
    if groups.max() + 1 < 2 * FOLDS:
        raise TooFew(f"The reports resemble each other too much: at least {2 * FOLDS} unlike ones are needed.")
    random = np.random.default_rng(seed)
    folds = (random.permutation(groups.max() + 1) % FOLDS)[groups]
    features = TextFeatures.fit([example.text for example in examples], len(taxonomy))
    decided = np.zeros((len(FRACTIONS), len(examples)), np.int64)
    sizes = np.zeros((len(FRACTIONS), FOLDS))
    path_counts = np.zeros((len(FRACTIONS), len(taxonomy), FOLDS))
    for fold in range(FOLDS):
        inside = np.flatnonzero(folds == fold)
        texts = [examples[place].text for place in inside.tolist()]
        for step, part in enumerate(_nested(groups, folds != fold, random)):
            beat()
            learned = [examples[place] for place in part.tolist()]
            expert = LinearExpert.fit(learned, taxonomy, seed, features=features)
            decided[step, inside] = [one.decided[0] for one in expert.classify_batch(texts)]
            sizes[step, fold] = len(learned)
            for example in learned:
                path_counts[step, list(example.paths), fold] += 1
    return Judged([example.paths for example in examples], decided, sizes.mean(axis=1), path_counts, folds, groups)


def curves_of(judged: Judged, taxonomy: Taxonomy, seed: int) -> list[Curve]:
    """The figures of what was judged: of classes that occur."""
    drawn = _draws(judged.folds, judged.groups, np.random.default_rng(seed))
    found: list[Curve] = []
    for view in VIEWS:
        names, of_path = _classes(taxonomy, view)
        if names:
            found += _view(judged, view, names, of_path, drawn)
    return found


def _view(judged: Judged, view: str, names: Sequence[str], of_path: csr_matrix, drawn: Floats) -> list[Curve]:
    true = _indicator(judged.truths, of_path)
    labels = np.asarray(true.sum(axis=0), np.int64).ravel()
    said = [_indicator([(int(path),) for path in paths], of_path) for paths in judged.decided]
    counted = [_Counts.of(true, one, drawn) for one in said]
    f1 = np.stack([one.f1 for one in counted], axis=-1)  # (1 + DRAWS, C, F): the first is of the reports as they are
    # A report that has several paths of a class counts once for each: as good as exact, and it is the x axis only.
    class_counts = np.maximum(np.stack([(of_path.T @ one).mean(axis=1) for one in judged.path_counts], axis=-1), 0.5)
    occurs = np.flatnonzero(labels)
    mean = np.nanmean(f1[:, occurs], axis=1, keepdims=True)
    reach = np.nanquantile(np.abs(mean[1:, 0, -1] - mean[0, 0, -1]), LEVEL)
    ends = (max(mean[0, 0, -1] - reach, 0.0), min(mean[0, 0, -1] + reach, 1.0))
    everything = _curve(view, "", len(judged.truths), judged.sizes, mean[:, 0], ends)
    low, high = f1_interval(
        *(one[0].astype(np.int64) for one in (counted[-1].right, counted[-1].said, counted[-1].true))
    )
    return [everything] + [
        _curve(view, names[int(one)], int(labels[one]), class_counts[one], f1[:, one], (low[one], high[one]))
        for one in occurs
    ]


@dataclass(frozen=True, eq=False)
class _Counts:
    """(1 + DRAWS, C) reports of each class that are true, said, and both."""

    true: Floats
    said: Floats
    right: Floats

    @classmethod
    def of(cls, true: csr_matrix, said: csr_matrix, drawn: Floats) -> "_Counts":
        return cls(*(np.asarray((one.T @ drawn.T).T, float) for one in (true, said, true.multiply(said).tocsr())))

    @property
    def f1(self) -> Floats:
        """NaN of a class that a draw has no report of: its F1 would be 0 of nothing."""
        return np.where(self.true > 0, 2 * self.right / np.maximum(self.true + self.said, 1e-9), np.nan)


def _curve(view: str, label: str, labels: int, counts: Floats, f1: Floats, ends: tuple[float, float]) -> Curve:
    """`f1` is (1 + draws, F), of the reports as they are and of each draw."""
    more = min(NEXT, labels)
    measured = Curve(
        view, label, labels, tuple(map(float, counts)), tuple(map(float, f1[0])), float(ends[0]), float(ends[1]), more,
        Verdict.STARVING,
    )  # fmt: skip
    if labels < FEWEST_OF_CLASS:
        return measured
    return Curve(**(asdict(measured) | _forecast(labels, more, counts, f1[np.isfinite(f1).all(axis=1)])))


def _forecast(labels: int, more: int, counts: Floats, f1: Floats) -> dict[str, Any]:
    law = fit_power_law(counts, 1 - f1, counts / counts[-1])
    now, then = 1 - law.error(labels), 1 - law.error(labels + more)
    gain, gain_low, gain_high = _interval(then - now, 0.0)
    told, told_low, told_high = _interval(then, 0.0)
    return {
        "now": float(now[0]), "then": told, "then_low": told_low, "then_high": told_high,
        "gain": gain, "gain_low": gain_low, "gain_high": gain_high,
        "verdict": _verdict(gain, gain_high, float(now[0]), _rises(counts, f1)),
    }  # fmt: skip


def _interval(values: Floats, least: float) -> tuple[float, float, float]:
    """What was found (the first), and the ends that hold 95 % of the draws around it, never beyond 0 to 1."""
    found = float(values[0])
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return found, max(min(float(low), found), least), min(max(float(high), found), 1.0)


def _rises(counts: Floats, f1: Floats) -> bool:
    """Whether F1 rises with the logarithm of the labels in as good as all draws."""
    x = np.log(counts) - np.log(counts).mean()
    slopes = f1[1:] @ x
    return bool(len(slopes) and np.quantile(slopes, (1 - LEVEL) / 2) > 0)


def _verdict(gain: float, gain_high: float, now: float, rises: bool) -> Verdict:
    if rises and gain >= WORTH:
        return Verdict.RISING
    if gain_high < WORTH:
        return Verdict.ENOUGH if now >= GOOD else Verdict.FLAT
    return Verdict.UNKNOWN


def _groups(examples: Sequence[Example]) -> Places:
    """(N,) a number for each group; a report without one is alone."""
    names = [example.group or f"alone {place}" for place, example in enumerate(examples)]
    places: Places = np.unique(names, return_inverse=True)[1].astype(np.intp)
    return places


def _nested(groups: Places, learned: NDArray[np.bool_], random: np.random.Generator) -> list[Places]:
    """Growing parts of what is learned from, whole groups in an order drawn by chance."""
    rank = random.permutation(groups.max() + 1)[groups]
    order = np.flatnonzero(learned)[np.argsort(rank[learned], kind="stable")]
    ends = np.flatnonzero(np.diff(rank[order], append=-1)) + 1  # behind each group
    wanted = [max(2, round(fraction * len(order))) for fraction in FRACTIONS]
    return [order[: ends[min(int(np.searchsorted(ends, count)), len(ends) - 1)]] for count in wanted]


def _draws(folds: Places, groups: Places, random: np.random.Generator) -> Floats:
    """(1 + DRAWS, N) how often each report counts: once, then by draws of folds and of groups within them."""
    of_group = random.poisson(1.0, (DRAWS, groups.max() + 1))[:, groups]
    of_fold = random.multinomial(FOLDS, np.full(FOLDS, 1 / FOLDS), DRAWS)[:, folds]
    return np.concatenate([np.ones((1, len(folds))), of_group * of_fold])


def _classes(taxonomy: Taxonomy, view: str) -> tuple[Sequence[str], csr_matrix]:
    """The names of a view, and (P, C) which path implies which."""
    names = taxonomy.categories if view == "category" else taxonomy.sub_categories
    matrix = np.zeros((len(taxonomy), len(names)))
    for row, path in enumerate(taxonomy.paths):
        for name in path.categories if view == "category" else filter(None, [path.sub_category]):
            matrix[row, names.index(name)] = 1
    return names, csr_matrix(matrix)


def _indicator(paths: Sequence[Sequence[int]], of_path: csr_matrix) -> csr_matrix:
    """(N, C) of 0 and 1: the classes of the paths of each report."""
    rows = np.repeat(np.arange(len(paths)), [len(chosen) for chosen in paths])
    chosen = csr_matrix(
        (np.ones(len(rows)), (rows, [path for one in paths for path in one])), (len(paths), of_path.shape[0])
    )
    result = (chosen @ of_path).tocsr()
    result.data[:] = 1.0
    return result
