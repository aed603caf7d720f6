"""How many attacks are found, and how many alerts are attacks, where one event in a hundred is one.

NSL-KDD with attacks resampled to 1 %: learned without labels from a mix of KDDTrain+, asked about one of KDDTest+,
where 29 % of the attacks are of kinds that are new. Everybody alerts on what lies strictly above the score that 1 % of
the rows learned from exceed.
"""

from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from benchmarks.base_rate_rivals import WAYS, Way, versions_of_rivals
from benchmarks.needs import NotRun
from benchmarks.nsl_kdd_data import SEEDS, TEST, TRAIN, Connections, Encoding, load

NAME = "base_rate"
ABOUT = "recall and precision at an alert budget of 1 % where 1 % of the events are attacks (NSL-KDD), five seeds"
RATE = BUDGET = 0.01
LEARNED, ASKED = 12_000, 9_000
FIGURES = ("recall", "precision", "alert_rate", "average_precision")
BEST_OF = ("PyOD ECOD", "PyOD HBOS", "river HalfSpaceTrees")


def run(quick: bool) -> dict[str, Any]:
    train, test = load(TRAIN), load(TEST)
    seeds = list(SEEDS)[: 1 if quick else None]
    rows, found = [], {}
    for name, way in WAYS.items():
        try:
            found[name] = [_measured(way, train, test, seed, quick) for seed in seeds]
            rows.append(_row(name, found[name]))
        except NotRun as reason:
            rows.append({"way": name, "not_run": str(reason)})
    return {"rows": rows, "seeds": found, "against_the_best": _compared(found), "rivals": versions_of_rivals()}


def _measured(way: Way, train: Connections, test: Connections, seed: int, quick: bool) -> dict[str, float]:
    generator = np.random.default_rng(seed)
    learned = train.mixed(1000 if quick else LEARNED, RATE, generator)
    asked = test.mixed(1000 if quick else ASKED, RATE, generator)
    encoding = Encoding.of(learned)
    reference, scores = way(encoding.rows(learned), encoding.rows(asked), encoding.names(asked), seed)
    threshold = np.sort(reference)[len(reference) - 1 - int(BUDGET * len(reference))]
    alerts = scores > threshold
    found = int((alerts & asked.attack).sum())
    return {
        "recall": found / int(asked.attack.sum()),
        "precision": found / max(1, int(alerts.sum())),
        "alert_rate": float(alerts.mean()),
        "average_precision": float(average_precision_score(asked.attack, scores)),
    }


def _row(name: str, figures: list[dict[str, float]]) -> dict[str, Any]:
    row: dict[str, Any] = {"way": name}
    for figure in FIGURES:
        values = [one[figure] for one in figures]
        row |= {figure: round(float(np.mean(values)), 3), f"{figure}_spread": round(float(np.std(values)), 3)}
    return row


def _compared(found: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """Seed by seed, the detector less the rival that is best on average."""
    result = {}
    for figure in FIGURES[:2]:
        rivals = {name: np.array([one[figure] for one in found[name]]) for name in BEST_OF if name in found}
        if rivals:
            best = max(rivals, key=lambda name: rivals[name].mean())
            ahead = np.array([one[figure] for one in found["detector"]]) - rivals[best]
            result[figure] = {"rival": best, "ahead": float(ahead.mean()), "spread": float(ahead.std())}
    return result
