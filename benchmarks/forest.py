"""What scoring a micro-batch by a forest costs: scikit-learn's call against all trees walked at once."""

from statistics import median
from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest

from benchmarks.nsl_kdd_data import TRAIN, Encoding, load
from benchmarks.timing import in_turn, times_faster
from classifier.ml.forest import SAMPLES, TREES, FlatForest

NAME = "forest"
ABOUT = "microseconds to score an event of 41 features (NSL-KDD) by batch: scikit-learn's IsolationForest, and flat"
BATCHES = (1, 32, 256, 4096)
ROUNDS = 15
SEED = 0
CALLS = 50  # of each side in a round, fewer of large batches: no round is a blink


def run(quick: bool) -> dict[str, Any]:
    connections = load(TRAIN)
    rows = Encoding.of(connections).rows(connections).astype(np.float32)[: 2000 if quick else None]
    grown = IsolationForest(n_estimators=TREES, max_samples=SAMPLES, random_state=SEED).fit(rows)
    flat = FlatForest.fit(rows, SEED)
    apart = float(np.abs(flat.score(rows) + grown.score_samples(rows)).max())
    figures = [_timed(grown, flat, rows[:batch], 2 if quick else ROUNDS) for batch in BATCHES]
    return {
        "rows": figures,
        "trees": TREES,
        "samples": SAMPLES,
        "largest_difference": apart,
        "note": f"the same scores: at most {apart:.0e} apart over {len(rows):,} rows",
    }


def _timed(grown: IsolationForest, flat: FlatForest, rows: np.ndarray, rounds: int) -> dict[str, Any]:
    calls = max(1, min(CALLS, BATCHES[-1] // len(rows)))

    def of_sklearn() -> None:
        for _ in range(calls):
            grown.score_samples(rows)

    def of_flat() -> None:
        for _ in range(calls):
            flat.score(rows)

    seconds = in_turn({"sklearn": of_sklearn, "flat": of_flat}, rounds)
    events = len(rows) * calls
    return {
        "batch": len(rows),
        "sklearn_us": median(seconds["sklearn"]) / events * 1e6,
        "flat_us": median(seconds["flat"]) / events * 1e6,
        "times_faster": times_faster(seconds["flat"], seconds["sklearn"]),
    }
