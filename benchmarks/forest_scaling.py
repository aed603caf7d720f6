"""What a forest should be given: raw units, their logarithms, or the detector's scaling."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.needs import NotRun
from classifier.ml.forest import FlatForest
from events.stream.detector_scaling import Scaling

NAME = "forest_scaling"
ABOUT = "what a forest is given: raw units, logarithms, distances from the usual (7 data sets of ADBench, three seeds)"
SEEDS = range(3)
MOST = 10_000  # rows, as ADBench does; all where anomalies are too few for that
FEW = 100
LEARNED = 0.7

Floats = NDArray[np.float64]
WAYS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "raw units": lambda learned, rows: rows,
    "signed logarithms": lambda learned, rows: np.copysign(np.log1p(np.abs(rows)), rows),
    "scaling of the detector": lambda learned, rows: Scaling.fit(learned).squeezed(rows),
}


def run(quick: bool) -> dict[str, Any]:
    folder = Path(os.environ.get("CASELOOP_DATA", "")) / "adbench"
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise NotRun(f"{folder} holds no data sets: set CASELOOP_DATA")
    sets = {file.stem: _set(file, quick) for file in files}
    return {"rows": [_row(name, sets) for name in WAYS], "sets": sets}


def _set(file: Path, quick: bool) -> dict[str, dict[str, float]]:
    with np.load(file, allow_pickle=False) as arrays:
        rows, anomaly = arrays["X"].astype(float), arrays["y"].astype(bool)
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    for seed in list(SEEDS)[: 1 if quick else None]:
        order = np.random.default_rng(seed).permutation(len(rows))
        order = order[:MOST] if anomaly.sum() > FEW else order
        learned, asked = np.split(order, [int(LEARNED * len(order))])
        for name, way in WAYS.items():
            forest = FlatForest.fit(way(rows[learned], rows[learned]).astype(np.float32), seed)
            scores = forest.score(way(rows[learned], rows[asked]).astype(np.float32))
            truth = anomaly[asked]
            figures[name].append((roc_auc_score(truth, scores), average_precision_score(truth, scores)))
    means = {name: np.mean(values, axis=0) for name, values in figures.items()}
    return {name: {"auc": float(auc), "ap": float(precision)} for name, (auc, precision) in means.items()}


def _row(name: str, sets: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    auc = float(np.mean([found[name]["auc"] for found in sets.values()]))
    precision = {data: found[name]["ap"] for data, found in sets.items()}
    each = {f"ap_{data.split('_', 1)[1]}": round(value, 3) for data, value in precision.items()}
    return {"given": name, "auc": round(auc, 4), "ap": round(float(np.mean(list(precision.values()))), 4), **each}
