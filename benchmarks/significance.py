"""Whether intervals of the difference of macro-F1 hold what they promise, and tests raise few false alarms."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.ml.significance import LEVEL, Z, macro_f1_difference, mcnemar

NAME = "significance"
ABOUT = "intervals of the difference of macro-F1: share that holds the truth; tests on shuffled pairs: false alarms"
CASES = [(200, 8, 0.8, 0.75), (200, 8, 0.8, 0.8), (400, 15, 0.75, 0.7), (400, 40, 0.8, 0.7), (2000, 40, 0.8, 0.75)]
REPEATS, RESAMPLES, EVERYTHING = 400, 600, 400_000

Ints = NDArray[np.int64]
Drawn = tuple[Ints, Ints, Ints]
Way = Callable[[float, NDArray[np.float64]], tuple[float, float]]


def _middle(found: float, draws: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _symmetric(found: float, draws: NDArray[np.float64]) -> tuple[float, float]:
    reach = float(np.quantile(np.abs(draws - found), LEVEL))
    return found - reach, found + reach


def _normal(found: float, draws: NDArray[np.float64]) -> tuple[float, float]:
    return found - Z * float(draws.std()), found + Z * float(draws.std())


WAYS: dict[str, Way] = {"symmetric (as shipped)": _symmetric, "middle 95 % of draws": _middle, "normal": _normal}


def run(quick: bool) -> dict[str, Any]:
    cases = [_case(*case, repeats=20 if quick else REPEATS) for case in (CASES[:1] if quick else CASES)]
    rows = []
    for drawing in ("reports", "within labels"):
        for name in WAYS:
            held = [case["held"][f"{name}, {drawing}"] for case in cases]
            rows.append({"interval": name, "drawn": drawing, "held_least": min(held), "held_most": max(held)})
    return {"rows": rows, "cases": cases, "repeats": REPEATS, "resamples": RESAMPLES}


def _case(n: int, labels: int, skill: float, other_skill: float, *, repeats: int) -> dict[str, Any]:
    random = np.random.default_rng(1)

    def draw(count: int) -> Drawn:
        return _reports(random, count, labels, skill, other_skill)

    truth = _difference(*_kinds(draw(EVERYTHING)), labels)[0]
    held: dict[str, list[bool]] = {}
    alarms = {"mcnemar": 0, "macro_f1": 0}
    for repeat in range(repeats):
        rows = draw(n)
        for drawing in ("reports", "within labels"):
            found, draws = _bootstrap(rows, labels, drawing, repeat)
            for name, way in WAYS.items():
                low, high = way(found, draws)
                held.setdefault(f"{name}, {drawing}", []).append(low <= truth <= high)
        _shuffled(rows, random, alarms)
    return {
        "reports": n,
        "labels": labels,
        "difference": round(float(truth), 4),
        "held": {name: round(float(np.mean(each)), 3) for name, each in held.items()},
        "false_alarms": {name: round(count / repeats, 3) for name, count in alarms.items()},
    }


def _reports(random: np.random.Generator, n: int, labels: int, skill: float, other_skill: float) -> Drawn:
    """Labels of falling frequency; both models fail more on the same hard reports, and agree on most."""
    chances = 1 / np.arange(1, labels + 1)
    chances /= chances.sum()
    truth, hard = random.choice(labels, n, p=chances), random.random(n) < 0.4

    def said(skill: float) -> Ints:
        known = random.random(n) < skill - 0.25 * hard + 0.1
        return np.where(known, truth, random.choice(labels, n, p=chances))

    one, own = said(skill), said(other_skill)
    return truth, one, np.where(random.random(n) < 0.7, one, own)


def _kinds(rows: Drawn) -> tuple[Ints, Ints]:
    kinds, counts = np.unique(np.stack(rows, axis=1), axis=0, return_counts=True)
    return kinds, counts[None, :]


def _difference(kinds: Ints, counts: Ints, labels: int) -> NDArray[np.float64]:
    """(R,) macro-F1 of the one less that of the other, of counts (R, K); written anew, not the product's."""
    sides = []
    for said in (kinds[:, 1], kinds[:, 2]):
        f1 = np.zeros((labels, len(counts)))
        present = np.zeros((labels, len(counts)), bool)
        for label in range(labels):
            is_it, told = kinds[:, 0] == label, said == label
            both = counts[:, is_it].sum(axis=1) + counts[:, told].sum(axis=1)
            f1[label] = 2 * counts[:, is_it & told].sum(axis=1) / np.maximum(both, 1)
            present[label] = both > 0
        sides.append(f1.sum(axis=0) / present.sum(axis=0))
    return np.asarray(sides[0] - sides[1])


def _bootstrap(rows: Drawn, labels: int, drawing: str, seed: int) -> tuple[float, NDArray[np.float64]]:
    kinds, counts = _kinds(rows)
    random = np.random.default_rng(seed)
    strata = [np.arange(len(kinds))]
    if drawing == "within labels":
        strata = [np.flatnonzero(kinds[:, 0] == label) for label in np.unique(kinds[:, 0])]
    drawn = np.zeros((RESAMPLES, len(kinds)), np.int64)
    for places in strata:
        total = counts[0, places].sum()
        drawn[:, places] = random.multinomial(total, counts[0, places] / total, size=RESAMPLES)
    return float(_difference(kinds, counts, labels)[0]), _difference(kinds, drawn, labels)


def _shuffled(rows: Drawn, random: np.random.Generator, alarms: dict[str, int]) -> None:
    """Each report's two answers change places by chance: no model is better, and an alarm is false."""
    truth, one, other = rows
    swapped = random.random(len(truth)) < 0.5
    mine, theirs = np.where(swapped, other, one), np.where(swapped, one, other)
    right, also = mine == truth, theirs == truth
    alarms["mcnemar"] += mcnemar(int((right & ~also).sum()), int((also & ~right).sum())) < 1 - LEVEL
    words = [[str(label) for label in labels] for labels in (truth, mine, theirs)]
    found = macro_f1_difference(*words, resamples=RESAMPLES)
    alarms["macro_f1"] += found.low > 0 or found.high < 0
