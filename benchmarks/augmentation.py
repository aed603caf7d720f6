"""Does it pay to leave words out of training texts, or to misspell them?

small-scratch on TRAM, documents never torn apart. Figures of T5 alone, calibrated on validation, and of the blend that
is served. The misspelt test texts come from the generator that training uses, with other draws: that favours spelling
noise, so a gain there is an upper bound.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks import tram
from benchmarks.needs import NotRun
from classifier.ml.augmentation import Augmentation
from classifier.ml.calibration import mean_nll
from classifier.ml.config import TrainingConfig
from classifier.ml.decision import exactly_right
from classifier.ml.hybrid import HybridModel
from classifier.ml.results import Classification, Example
from classifier.ml.training import fit

NAME = "augmentation"
ABOUT = "small-scratch on TRAM: word dropout and spelling noise in training, on clean and on misspelt texts"
SEEDS = (1, 2)
RATE = 0.1
MISSPELT = 0.2  # of the words of the test texts
SIDES = {
    "without": {"spelling_noise": 0.0},
    "word dropout": {"word_dropout": RATE, "spelling_noise": 0.0},
    "spelling noise": {"spelling_noise": RATE},
    "both": {"word_dropout": RATE, "spelling_noise": RATE},
}


def run(quick: bool) -> dict[str, Any]:
    try:
        data = tram.load()
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    rounds = [_round(data.split(seed), seed, quick) for seed in SEEDS[: 1 if quick else None]]
    return {
        "rows": [{"side": side, **_mean([one[side] for one in rounds])} for side in SIDES],
        "by_seed": dict(zip(map(str, SEEDS), rounds, strict=False)),
        "rate": RATE,
        "misspelt": MISSPELT,
    }


def _round(split: tram.Split, seed: int, quick: bool) -> dict[str, dict[str, float]]:
    """Figures by side; all sides of a seed share documents, vocabulary, teacher and the order of the reports."""
    if quick:
        train, validation = split.data.train[:200], split.data.validation[:50]
        split = tram.Split(replace(split.data, train=train, validation=validation), split.test[:50])
    config = TrainingConfig(seed=seed, epochs=1 if quick else None, device="cpu")
    figures = {}
    for side, options in SIDES.items():
        with TemporaryDirectory() as folder:
            model = fit(split.data, replace(config, **options), Path(folder), lambda progress: None)
        figures[side] = _figures(model, split, seed)
        print(f"seed {seed}, {side}: {figures[side]}", flush=True)
    return figures


def _figures(model: HybridModel, split: tram.Split, seed: int) -> dict[str, float]:
    noisy = Augmentation(0.0, MISSPELT, seed=10_000 + seed).texts([example.text for example in split.test], epoch=0)
    misspelt = [replace(example, text=text) for example, text in zip(split.test, noisy, strict=True)]
    found: dict[str, float] = {}
    for name, examples in {"validation": split.data.validation, "test": split.test, "misspelt": misspelt}.items():
        parts = model.classify_parts([example.text for example in examples])
        found[f"{name} exact"], found[f"{name} nll"] = _quality(parts["t5"], examples)
        if name != "validation":  # there, the linear expert has seen the labels by now
            found[f"{name} blend exact"], found[f"{name} blend nll"] = _quality(parts["blend"], examples)
    return found


def _quality(rows: Sequence[Classification], examples: Sequence[Example]) -> tuple[float, float]:
    """Share of exactly right sets, and negative log-likelihood."""
    truths = [example.paths for example in examples]
    exact = exactly_right([row.decided for row in rows], truths).mean()
    with np.errstate(divide="ignore"):
        logs = np.log(np.array([row.probabilities for row in rows], dtype=np.float64))
    return round(float(exact), 4), round(mean_nll(logs, truths), 4)


def _mean(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: round(mean(one[name] for one in rounds), 4) for name in rounds[0]}
