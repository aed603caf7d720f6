"""Which report to label next: how many labels does each order need to come near to what all of them give?

TRAM, split by document, five seeds. The reports of the training and validation documents wait; 60 drawn by chance are
labelled, then the linear expert is trained, the next ones are chosen, and so on; tested on all reports of the test
documents. Vocabulary and vectors come from the waiting texts, which need no label. Labels needed: the first crossing
of 95 % of the macro-F1 that all labels give, between two steps by a straight line.

    random          the queue as reports come in
    margin          the two best labels closest together ("Two labels close together" in the list)
    diversity       farthest from what is labelled already, one after the other (core-set, Sener and Savarese 2018)
    margin x distance        the same, each distance times how close together the two best labels are
    margin, then k-means++   drawn by squared distance times the same weight (k-means++ as in BADGE, Ash et al. 2020)
    starving labels          most probably of labels that few reports have: the sum of p(label) / (its reports + 1)
    starving x margin        that times how close together the two best labels are
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import t as student
from sklearn.decomposition import TruncatedSVD

from benchmarks import tram
from benchmarks.needs import NotRun
from classifier.ml.features import TextFeatures
from classifier.ml.linear import LinearExpert
from classifier.ml.metrics import string_scores
from classifier.ml.results import Example
from classifier.ml.taxonomy import Taxonomy

NAME = "active"
ABOUT = "TRAM: labels needed for 95 % of the macro-F1 of all labels, by the order in which reports are labelled"
SEEDS = range(200, 205)
STEPS = (60, 120, 200, 300, 420, 560, 740, 960, 1240, 1580, 2000, 2500)
REACH = 0.95
DIMENSIONS = 100  # of the vectors that distances are measured in
VIEW = "sub_category"

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class _Remembered(TextFeatures):
    """Features whose texts are known beforehand: their rows are looked up."""

    def __init__(self, features: TextFeatures, texts: Sequence[str]) -> None:
        unique = list(dict.fromkeys(texts))
        self._rows: csr_matrix = features.transform(unique)
        self._place = {text: place for place, text in enumerate(unique)}
        self.block_sizes = features.block_sizes

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        return self._rows[[self._place[text] for text in texts]]


@dataclass(frozen=True, eq=False)
class _Pool:
    """One seed's reports that wait, as the orders see them."""

    examples: Sequence[Example]
    vectors: NDArray[np.float32]  # (N, D), rows of unit length
    random: np.random.Generator

    def distance(self, rows: Places, to: Places) -> Floats:
        """(R,) cosine distance of each row to its nearest one of `to`."""
        result: Floats = np.maximum(1.0 - (self.vectors[rows] @ self.vectors[to].T).max(axis=1), 0.0)
        return result


# (pool, waiting places, labelled places, (W, P) probabilities of the waiting, how many) -> chosen of the waiting
Choose = Callable[[_Pool, Places, Places, Floats, int], Places]


def _closeness(probabilities: Floats) -> Floats:
    """(W,) 1 where the two best labels are equally probable, 0 where there is no doubt."""
    best = np.sort(probabilities, axis=1)[:, -2:]
    return 1.0 - (best[:, 1] - best[:, 0])


def _highest(worth: Floats, waiting: Places, count: int) -> Places:
    return waiting[np.argsort(-worth, kind="stable")[:count]]


def _random(pool: _Pool, waiting: Places, labelled: Places, probabilities: Floats, count: int) -> Places:
    return pool.random.permutation(waiting)[:count]


def _margin(pool: _Pool, waiting: Places, labelled: Places, probabilities: Floats, count: int) -> Places:
    return _highest(_closeness(probabilities), waiting, count)


def _spread(pool: _Pool, waiting: Places, labelled: Places, weights: Floats, count: int, *, drawn: bool) -> Places:
    """One after the other the highest weight times distance to what is labelled or chosen, or drawn by its square."""
    distance = pool.distance(waiting, labelled)
    chosen: list[int] = []
    for _ in range(min(count, len(waiting))):
        worth = weights * (distance**2 if drawn else distance)
        worth[chosen] = 0.0
        total = worth.sum()
        place = int(pool.random.choice(len(worth), p=worth / total)) if drawn and total else int(worth.argmax())
        chosen.append(place)
        distance = np.minimum(distance, np.maximum(1.0 - pool.vectors[waiting] @ pool.vectors[waiting[place]], 0.0))
    return waiting[chosen]


def _diversity(pool: _Pool, waiting: Places, labelled: Places, probabilities: Floats, count: int) -> Places:
    return _spread(pool, waiting, labelled, np.ones(len(waiting)), count, drawn=False)


def _margin_distance(pool: _Pool, waiting: Places, labelled: Places, probabilities: Floats, count: int) -> Places:
    return _spread(pool, waiting, labelled, _closeness(probabilities), count, drawn=False)


def _margin_plus_plus(pool: _Pool, waiting: Places, labelled: Places, probabilities: Floats, count: int) -> Places:
    return _spread(pool, waiting, labelled, _closeness(probabilities) ** 2, count, drawn=True)


def _hunger(pool: _Pool, labelled: Places, probabilities: Floats) -> Floats:
    counts = np.zeros(probabilities.shape[1])
    for place in labelled:
        counts[list(pool.examples[place].paths)] += 1
    result: Floats = probabilities @ (1.0 / (counts + 1.0))
    return result


def _starving(pool: _Pool, waiting: Places, labelled: Places, probabilities: Floats, count: int) -> Places:
    return _highest(_hunger(pool, labelled, probabilities), waiting, count)


def _starving_margin(pool: _Pool, waiting: Places, labelled: Places, probabilities: Floats, count: int) -> Places:
    return _highest(_hunger(pool, labelled, probabilities) * _closeness(probabilities), waiting, count)


ORDERS: Mapping[str, Choose] = {
    "random": _random,
    "margin": _margin,
    "diversity": _diversity,
    "margin x distance": _margin_distance,
    "margin, then k-means++": _margin_plus_plus,
    "starving labels": _starving,
    "starving x margin": _starving_margin,
}


@dataclass
class _Seed:
    """What one split gave: macro-F1 with all labels, and after each step by order."""

    full: float
    labels: int
    curves: dict[str, list[float]] = field(default_factory=dict)


def run(quick: bool) -> dict[str, Any]:
    try:
        data = tram.load()
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    steps = STEPS[:3] if quick else STEPS
    found = [_seed(data, seed, steps) for seed in (SEEDS[:2] if quick else SEEDS)]
    needed = {
        name: [_needed(steps, one.curves[name], REACH * one.full, one.labels) for one in found] for name in ORDERS
    }
    return {
        "rows": [_row(name, needed, found) for name in ORDERS],
        "labels": list(steps),
        "curves": {name: _curve([one.curves[name] for one in found]) for name in ORDERS},
        "full": {"labels": [one.labels for one in found], "macro_f1": [round(one.full, 4) for one in found]},
        "needed": {name: [round(count) for count in counts] for name, counts in needed.items()},
        "by_seed": {name: [[round(f1, 4) for f1 in one.curves[name]] for one in found] for name in ORDERS},
        "note": f"labels needed for {REACH:.0%} of the macro-F1 (sub-categories) that all labels give; half of the 95 %"
        " interval over seeds; saved: beside random on the same split",
    }


def _seed(data: tram.Tram, seed: int, steps: Sequence[int]) -> _Seed:
    split = data.split(seed)
    examples, taxonomy = split.known, Taxonomy(data.paths)
    texts = [example.text for example in examples]
    features = _Remembered(TextFeatures.fit(texts, len(taxonomy)), [*texts, *(example.text for example in split.test)])
    vectors = TruncatedSVD(DIMENSIONS, random_state=seed).fit_transform(features.transform(texts))
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def f1_of(expert: LinearExpert) -> float:
        decided = [one.decided for one in expert.classify_batch([example.text for example in split.test])]
        said = string_scores(data.strings(split.test, VIEW), data.decided_strings(decided, VIEW))
        return float(said["macro_f1"])

    full = f1_of(LinearExpert.fit(examples, taxonomy, seed, features=features))
    result = _Seed(full, len(examples))
    start = np.random.default_rng(seed).permutation(len(examples))[: steps[0]]
    for name, choose in ORDERS.items():
        pool = _Pool(examples, vectors.astype(np.float32), np.random.default_rng([seed, 1]))
        labelled, curve = start, []
        for place, count in enumerate(steps):
            expert = LinearExpert.fit([examples[row] for row in labelled], taxonomy, seed, features=features)
            curve.append(f1_of(expert))
            if place + 1 == len(steps):
                break
            waiting = np.setdiff1d(np.arange(len(examples)), labelled)
            probabilities = np.exp(expert.score([texts[row] for row in waiting]).log_probabilities)
            chosen = choose(pool, waiting, labelled, probabilities, steps[place + 1] - count)
            labelled = np.concatenate([labelled, chosen])
        result.curves[name] = curve
        print(f"seed {seed}, {name}: {curve[0]:.3f} to {curve[-1]:.3f} of {full:.3f}", flush=True)
    return result


def _needed(steps: Sequence[int], curve: Sequence[float], aim: float, labels: int) -> float:
    """Where the curve first crosses the aim; all labels where it does not."""
    before = (0, 0.0)
    for count, f1 in zip(steps, curve, strict=True):
        if f1 >= aim:
            return before[0] + (count - before[0]) * (aim - before[1]) / (f1 - before[1])
        before = (count, f1)
    return float(labels)


def _row(name: str, needed: Mapping[str, Sequence[float]], found: Sequence[_Seed]) -> dict[str, Any]:
    counts, saved = np.array(needed[name]), np.array(needed["random"]) - np.array(needed[name])
    share = counts / [one.labels for one in found]
    mean = np.array([np.mean(one.curves[name]) for one in found])
    above = mean - [np.mean(one.curves["random"]) for one in found]
    return {
        "order": name,
        "labels needed": round(float(counts.mean())),
        "± labels": round(_half(counts)),
        "share of all": round(float(share.mean()), 3),
        "saved": round(float(saved.mean())),
        "± saved": round(_half(saved)),
        "seeds better than random": int((saved > 0).sum()),
        "mean F1 of the curve": round(float(mean.mean()), 4),
        "above random": round(float(above.mean()), 4),
        "± above": round(_half(above), 4),
    }


def _curve(curves: Sequence[Sequence[float]]) -> list[dict[str, float]]:
    columns = np.array(curves).T
    return [{"macro_f1": round(float(c.mean()), 4), "half": round(_half(c), 4)} for c in columns]


def _half(values: Floats) -> float:
    """Half of the 95 % interval of the mean over seeds."""
    if len(values) < 2:
        return 0.0
    return float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
