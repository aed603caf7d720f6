"""When to train a detector anew: never, when its scores have moved, or every 2,000 events.

A stream of NSL-KDD connections with 3 % attacks, first of KDDTrain+, then, from one event to the next, of KDDTest+ with
other services and new attacks. A policy is judged on each block of 500 before it may learn from it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.nsl_kdd_data import SEEDS, TEST, TRAIN, Connections, Floats, load
from events.stream.detector import Detector
from events.stream.drift import COMPARED, clipped_threshold, ks_distance, refit_reason
from events.stream.features import rarity

NAME = "drift"
ABOUT = "policies of training anew on a stream that changes midway (NSL-KDD, 3 % attacks, budget 1 %), five seeds"
ATTACKS, BUDGET = 0.03, 0.01
FIRST, BLOCK, LEARNED = 4000, 500, 8000  # events learned from at first, judged at once, learned from later
BEFORE, AFTER = 12_000, 9000  # events of each file

Policy = Callable[[Sequence[float], int], bool]  # KS distances, and events, since the last training
POLICIES: dict[str, Policy] = {
    "never": lambda distances, events: False,
    "when scores have moved": lambda distances, events: bool(refit_reason(distances, events, 0)),
    "every 2,000 events": lambda distances, events: events >= COMPARED,
}
FIGURES = ("auc", "average_precision", "recall", "precision", "alert_rate", "trainings")


def run(quick: bool) -> dict[str, Any]:
    train, test = load(TRAIN), load(TEST)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in POLICIES}
    for seed in list(SEEDS)[: 1 if quick else None]:
        generator = np.random.default_rng(seed)
        parts = [train.mixed(BEFORE, ATTACKS, generator), test.mixed(AFTER, ATTACKS, generator)]
        rows, attack = _features(parts), np.concatenate([part.attack for part in parts])
        for name, policy in POLICIES.items():
            found[name].append(_judged(policy, rows, attack, seed))
    return {"rows": [_row(name, figures) for name, figures in found.items()], "seeds": found}


def _features(parts: Sequence[Connections]) -> Floats:
    """Numbers as they are, and how rare each category's value was so far."""
    counts: list[Counter[str]] = [Counter() for _ in parts[0].categories.T]
    columns = []
    for number, values in enumerate(row for part in parts for row in part.categories.tolist()):
        columns.append([rarity(seen[value], number) for seen, value in zip(counts, values, strict=True)])
        for seen, value in zip(counts, values, strict=True):
            seen[value] += 1
    return np.hstack([np.vstack([part.numbers for part in parts]), np.array(columns)])


def _judged(policy: Policy, rows: Floats, attack: NDArray[np.bool_], seed: int) -> dict[str, float]:
    names = [str(number) for number in range(rows.shape[1])]
    detector = Detector.fit(rows[:FIRST], names, seed)
    threshold, trained, trainings = detector.threshold(BUDGET), FIRST, 1
    scores, alerts, distances = np.zeros(len(rows)), np.zeros(len(rows), bool), list[float]()
    for start in range(FIRST, len(rows), BLOCK):
        block, end = slice(start, start + BLOCK), start + BLOCK
        scores[block] = detector.score(rows[block])
        alerts[block] = scores[block] > threshold
        if (end - FIRST) % COMPARED == 0 and end - trained >= COMPARED:
            distances.append(ks_distance(scores[end - COMPARED : end], detector.reference))
        if policy(distances, end - trained):
            detector = Detector.fit(rows[max(0, end - LEARNED) : end], names, seed)
            threshold = clipped_threshold(threshold, detector.threshold(BUDGET))
            trained, trainings, distances = end, trainings + 1, []
    attack, scores, alerts = attack[FIRST:], scores[FIRST:], alerts[FIRST:]
    hits = int((attack & alerts).sum())
    return {
        "auc": float(roc_auc_score(attack, scores)),
        "average_precision": float(average_precision_score(attack, scores)),
        "recall": hits / int(attack.sum()),
        "precision": hits / max(1, int(alerts.sum())),
        "alert_rate": float(alerts.mean()),
        "trainings": trainings,
    }


def _row(name: str, figures: list[dict[str, float]]) -> dict[str, Any]:
    row: dict[str, Any] = {"train anew": name}
    for figure in FIGURES:
        values = [one[figure] for one in figures]
        row |= {figure: round(float(np.mean(values)), 3), f"{figure}_spread": round(float(np.std(values)), 3)}
    return row
