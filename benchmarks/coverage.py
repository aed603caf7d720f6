"""Are the promises of the policy kept: the coverage of label sets, and the error among what is accepted unseen?

TRAM, five draws of documents; of each, a linear expert learns as in the product. Its test sentences are halved 100
times: from one half the thresholds follow, the other half is the future. Halved sentence by sentence, the future is
like the past, as the promise supposes; halved by document, it is not: other reports by other authors.

Accepted automatically: ours (classifier/ml/acting.py); the laxest threshold at which no more than the accepted error is
found among the held-out ones ("by eye"); 1 - the accepted error, of the calibrated confidence; everything. "broken":
share of halvings in which more of what is accepted in the future is wrong than was accepted, by the test for which
chance in that half would do as much in one of twenty; "real error" over all that is accepted in all halvings.

`by_size`: how much is accepted by how many held-out sentences, drawn from the test sentences of all five draws
together; the future is 400 others.

Label sets: as the product promises them, calibrated on validation sentences, and the rival that adds labels until their
probabilities sum up to the coverage. `alarms`: of the watch on their coverage (benchmarks/coverage_alarms.py).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from benchmarks import coverage_alarms, tram
from benchmarks.needs import NotRun
from classifier.ml.acceptance import CERTAINTY
from classifier.ml.acting import Wish, plan
from classifier.ml.config import NO_T5, TrainingConfig
from classifier.ml.conformal import coverage_of
from classifier.ml.outcomes import Outcomes
from classifier.ml.results import Classification
from classifier.ml.training import fit

NAME = "coverage"
ABOUT = "promised and kept coverage of label sets, promised and real error of automatic acceptance, on TRAM"
SEEDS = range(5)
HALVINGS = 100
SIZES = (250, 500, 1000, 2000, 3500)
FUTURE = 400
ERRORS = (0.02, 0.05, 0.1)
COVERAGES = (0.8, 0.9, 0.95)
CHANCE = 0.05

Rows = NDArray[np.intp]
Bools = NDArray[np.bool_]
Way = Callable[[Outcomes, Outcomes, float], Bools]  # held out, future, error -> which of the future are accepted


def run(quick: bool) -> dict[str, Any]:
    try:
        data = tram.load()
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    worlds = [_world(data, seed) for seed in (SEEDS[:1] if quick else SEEDS)]
    halvings = 3 if quick else HALVINGS
    rows = [
        _row(worlds, halved, error, name, halvings)
        for halved in ("by sentence", "by document")
        for error in (ERRORS[:1] if quick else ERRORS)
        for name in WAYS
    ]
    return {
        "rows": rows,
        "by_size": [
            _by_size(_together([outcomes for outcomes, _, _ in worlds]), error, size, halvings)
            for error in ERRORS
            for size in (SIZES[:1] if quick else SIZES)
        ],
        "coverage": [_coverage([sets for _, _, sets in worlds], coverage) for coverage in COVERAGES],
        "alarms": coverage_alarms.rows(quick),
        "test_sentences": [len(outcomes) for outcomes, _, _ in worlds],
        "certainty": CERTAINTY,
        "halvings": halvings * len(worlds),
        "note": f"percent; ours promises that at most {100 * (1 - CERTAINTY):.0f} % of its promises are broken",
    }


Sets = dict[float, dict[str, tuple[float, float]]]  # coverage -> way -> (kept, labels in a set)


def _world(data: tram.Tram, seed: int) -> tuple[Outcomes, NDArray[np.str_], Sets]:
    split = data.split(seed)
    with TemporaryDirectory() as folder:
        config = TrainingConfig(base_model=NO_T5, seed=seed)
        model = fit(split.data, config, Path(folder), lambda progress: None)
    results = model.classify_batch([example.text for example in split.test])
    truths = [example.paths for example in split.test]
    sets: Sets = {}
    for coverage in COVERAGES:
        ways = {"ours": model.candidates(results, coverage), "sum of probabilities": _summed(results, coverage)}
        sets[coverage] = {
            way: (coverage_of(found, truths), float(np.mean([len(one) for one in found])))
            for way, found in ways.items()
        }
    outcomes = Outcomes.of(range(len(results)), results, truths, data.paths)
    print(f"draw {seed}: {len(outcomes)} test sentences, {outcomes.right().mean():.3f} right", flush=True)
    return outcomes, np.array([example.group for example in split.test]), sets


def _summed(results: Sequence[Classification], coverage: float) -> list[tuple[int, ...]]:
    found = []
    for result in results:
        order = np.argsort(-result.probabilities, kind="stable")
        size = int(np.searchsorted(np.cumsum(result.probabilities[order]), coverage)) + 1
        found.append(tuple(map(int, order[:size])))
    return found


def _halves(outcomes: Outcomes, documents: NDArray[np.str_], halved: str, seed: int) -> tuple[Rows, Rows]:
    random = np.random.default_rng(seed)
    if halved == "by sentence":
        order = random.permutation(len(outcomes))
        return order[: len(order) // 2], order[len(order) // 2 :]
    names = random.permutation(np.unique(documents))
    first = np.isin(documents, names[: len(names) // 2])
    return np.flatnonzero(first), np.flatnonzero(~first)


def _ours(held: Outcomes, future: Outcomes, error: float) -> Bools:
    highs = plan(held, Wish(error)).highs
    return np.array(
        [
            sure >= highs.get(name, np.inf)
            for name, sure in zip(future.labels("category"), future.confidence, strict=True)
        ],
        bool,
    )


def _by_eye(held: Outcomes, future: Outcomes, error: float) -> Bools:
    order = np.argsort(-held.confidence, kind="stable")
    shares = np.cumsum(~held.right()[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(shares <= error)
    return future.confidence >= (held.confidence[order][good[-1]] if len(good) else np.inf)


WAYS: dict[str, Way] = {
    "ours": _ours,
    "by eye": _by_eye,
    "1 - error": lambda held, future, error: future.confidence >= 1 - error,
    "everything": lambda held, future, error: np.ones(len(future), bool),
}


def _row(
    worlds: Sequence[tuple[Outcomes, NDArray[np.str_], Sets]], halved: str, error: float, name: str, halvings: int
) -> dict[str, Any]:
    accepted = wrong = reports = broken = none = 0
    for outcomes, documents, _ in worlds:
        for seed in range(halvings):
            one, other = _halves(outcomes, documents, halved, seed)
            future = outcomes.taken(other)
            taken = WAYS[name](outcomes.taken(one), future, error)
            n, k = int(taken.sum()), int((~future.right()[taken]).sum())
            accepted, wrong, reports = accepted + n, wrong + k, reports + len(future)
            none += n == 0
            broken += n > 0 and binom.sf(k - 1, n, error) <= CHANCE
    total = halvings * len(worlds)
    return {
        "halved": halved,
        "accepted error": f"{100 * error:g}",
        "way": name,
        "broken": round(100 * broken / total, 1),
        "real error": round(100 * wrong / accepted, 2) if accepted else None,
        "accepted": round(100 * accepted / reports, 1),
        "accepts nothing": round(100 * none / total, 1),
    }


def _together(draws: Sequence[Outcomes]) -> Outcomes:
    """All rows, by the paths and sets of the first that has them."""
    paths = tuple(dict.fromkeys(path for draw in draws for path in draw.paths))
    place = {path: number for number, path in enumerate(paths)}
    sets: dict[tuple[int, ...], int] = {}

    def renumbered(draw: Outcomes, numbers: Rows) -> list[int]:
        moved = [tuple(sorted(place[draw.paths[path]] for path in chosen)) for chosen in draw.sets]
        return [sets.setdefault(moved[number], len(sets)) for number in numbers]

    truth = [number for draw in draws for number in renumbered(draw, draw.truth)]
    decided = [number for draw in draws for number in renumbered(draw, draw.decided)]
    confidence = np.concatenate([draw.confidence for draw in draws])
    return Outcomes(np.arange(len(truth)), paths, tuple(sets), np.array(truth), np.array(decided), confidence)


def _by_size(outcomes: Outcomes, error: float, size: int, draws: int) -> dict[str, Any]:
    accepted = wrong = broken = none = 0
    for seed in range(draws):
        order = np.random.default_rng([seed, size]).permutation(len(outcomes))
        future = outcomes.taken(order[-FUTURE:])
        taken = _ours(outcomes.taken(order[:size]), future, error)
        n, k = int(taken.sum()), int((~future.right()[taken]).sum())
        accepted, wrong, none = accepted + n, wrong + k, none + (n == 0)
        broken += n > 0 and binom.sf(k - 1, n, error) <= CHANCE
    return {
        "accepted error": f"{100 * error:g}",
        "held out": size,
        "broken": round(100 * broken / draws, 1),
        "real error": round(100 * wrong / accepted, 2) if accepted else None,
        "accepted": round(100 * accepted / (FUTURE * draws), 1),
        "accepts nothing": round(100 * none / draws, 1),
    }


def _coverage(draws: Sequence[Sets], coverage: float) -> dict[str, Any]:
    row: dict[str, Any] = {"promised": 100 * coverage}
    for way in draws[0][coverage]:
        kept, size = zip(*(draw[coverage][way] for draw in draws), strict=True)
        row |= {
            f"{way}: kept": f"{100 * np.mean(kept):.1f} ± {100 * np.std(kept):.1f}",
            f"{way}: labels": f"{np.mean(size):.1f}",
        }
    return row
