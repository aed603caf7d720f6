"""How well attacks of NSL-KDD are told from what is usual, learned without a label."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.nsl_kdd_data import SEEDS, TEST, TRAIN, Connections, Encoding, Floats, load
from events.stream.detector import ColdStart, Detector

NAME = "nsl_kdd"
ABOUT = "area under the ROC curve on KDDTest+ after training on normal connections and 3 % attacks, five seeds"
ATTACKS = 0.03

Score = Callable[[Floats, Floats, tuple[str, ...], int], Floats]


def _detector(learned: Floats, asked: Floats, names: tuple[str, ...], seed: int) -> Floats:
    return Detector.fit(learned, names, seed).score(asked)


def _cold_start(learned: Floats, asked: Floats, names: tuple[str, ...], seed: int) -> Floats:
    return ColdStart.fit(learned, names).score(asked)


def _plain(learned: Floats, asked: Floats, names: tuple[str, ...], seed: int) -> Floats:
    grown = IsolationForest(random_state=seed).fit(learned.astype(np.float32))
    return -grown.score_samples(asked.astype(np.float32))


WAYS: dict[str, Score] = {
    "detector": _detector,
    "cold start (frozen ECOD)": _cold_start,
    "scikit-learn IsolationForest as it comes, raw values": _plain,
}


def run(quick: bool) -> dict[str, Any]:
    train, test = load(TRAIN), load(TEST)
    seeds = list(SEEDS)[: 1 if quick else None]
    found = {name: [_measured(way, train, test, seed) for seed in seeds] for name, way in WAYS.items()}
    return {"rows": [_row(name, figures) for name, figures in found.items()], "seeds": found}


def _measured(way: Score, train: Connections, test: Connections, seed: int) -> dict[str, float]:
    generator = np.random.default_rng(seed)
    normal = int((~train.attack).sum())
    learned = train.mixed(int(normal / (1 - ATTACKS)), ATTACKS, generator)
    encoding = Encoding.of(learned)
    scores = way(encoding.rows(learned), encoding.rows(test), encoding.names(test), seed)
    return {"auc": roc_auc_score(test.attack, scores), "ap": average_precision_score(test.attack, scores)}


def _row(name: str, figures: list[dict[str, float]]) -> dict[str, Any]:
    auc, precision = ([one[key] for one in figures] for key in ("auc", "ap"))
    return {
        "way": name,
        "auc": round(float(np.mean(auc)), 4),
        "auc_spread": round(float(np.std(auc)), 4),
        "auc_worst_seed": round(min(auc), 4),
        "average_precision": round(float(np.mean(precision)), 4),
    }
