"""What each expert is worth as labels come in, and how much of the blend T5 has earned.

TRAM, two splits by document; of the training documents the first that hold so many reports, the same share of the
validation documents, all test reports.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks import tram
from benchmarks.needs import NotRun
from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.decision import exactly_right
from classifier.ml.results import Example
from classifier.ml.training import fit

NAME = "growth"
ABOUT = "TRAM: linear expert, T5 and hybrid with 200, 800 and all labels, and T5's weight"
SEEDS = (100, 101)
LABELS = (200, 800, 10_000)


def run(quick: bool) -> dict[str, Any]:
    try:
        data = tram.load()
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    rounds = [_round(data.split(seed), seed, quick) for seed in (SEEDS[:1] if quick else SEEDS)]
    rows = [{key: mean(one[place][key] for one in rounds) for key in rounds[0][0]} for place in range(len(rounds[0]))]
    return {"rows": rows, "by_seed": dict(zip(map(str, SEEDS), rounds, strict=False))}


def _round(split: tram.Split, seed: int, quick: bool) -> list[dict[str, float]]:
    found = []
    for labels in LABELS[:1] if quick else LABELS:
        share = min(1.0, labels / len(split.known))
        data = TrainingData(split.data.paths, _some(split.data.train, share), _some(split.data.validation, share))
        config = TrainingConfig(seed=seed, epochs=1 if quick else None, device="cpu")
        with TemporaryDirectory() as folder:
            model = fit(data, config, Path(folder), lambda progress: None)
        parts = model.classify_parts([example.text for example in split.test])
        truths = [example.paths for example in split.test]
        exact = {
            name: float(exactly_right([row.decided for row in rows], truths).mean()) for name, rows in parts.items()
        }
        sets = model.candidates(parts["blend"], 0.9)
        covered = float(np.mean([set(truth) <= set(one) for one, truth in zip(sets, truths, strict=True)]))
        found.append({
            "labels": len(data.train) + len(data.validation),
            "linear exact": exact["linear"],
            "T5 exact": exact["t5"],
            "hybrid exact": exact["blend"],
            "T5's weight": model.weight,
            "covered of 0.9": covered,
            "set size": float(np.mean([len(one) for one in sets])),
        })  # fmt: skip
        print(f"seed {seed}: {found[-1]}", flush=True)
    return found


def _some(examples: Sequence[Example], share: float) -> tuple[Example, ...]:
    """Whole documents until the share is reached."""
    kept: list[Example] = []
    for group in dict.fromkeys(example.group for example in examples):
        if len(kept) >= share * len(examples):
            break
        kept += [example for example in examples if example.group == group]
    return tuple(kept)
