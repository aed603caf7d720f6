"""Which way of int8 decides as float32 does, and what it saves?

T5s trained on TRAM, asked about the documents that they were not trained on: each alone, and the hybrid that is served.
`small-scratch` and, for errors that add up over layers, one of flan-t5-small's depth and gated feed-forward at its own
width. Time and memory also for flan-t5-small's shape, whose weights are random.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
from transformers import T5Config

from benchmarks import tram
from benchmarks.int8_ways import GROUPS, WAYS, Way, apply
from benchmarks.needs import NotRun
from benchmarks.samples import random_classifier, texts_of
from benchmarks.timing import in_turn, times_faster
from classifier.ml import scratch
from classifier.ml.config import TrainingConfig
from classifier.ml.hybrid import HybridModel
from classifier.ml.results import Classification
from classifier.ml.training import fit
from classifier.ml.variant import MINIMUM_AGREEMENT, VariantMeasure

NAME = "int8"
ABOUT = "int8 on a CPU: same decisions as float32, speed and memory, by way of rounding"
PER_BATCH = WAYS[2]  # the way whose sensitive layers are looked for
TIMED = 256  # texts
ROUNDS = 9
APART = 40  # every so many texts one is asked alone
SHAPE, TOKENS, SHAPE_TEXTS = "flan-t5-small", 70, 32


class _Gated(scratch.Design):
    """With flan-t5's kind of feed-forward."""

    def config(self, vocabulary: int) -> T5Config:
        relu = super().config(vocabulary).to_dict()
        derived = {"dense_act_fn", "is_gated_act"}
        return T5Config(**{name: relu[name] for name in relu.keys() - derived} | {"feed_forward_proj": "gated-gelu"})


DESIGNS = {
    "small-scratch": scratch.DESIGN,
    "8 + 8 layers, gated": _Gated(encoder_layers=8, decoder_layers=8),
}
TASKS = [("small-scratch", 0), ("small-scratch", 1), ("small-scratch", 2), ("8 + 8 layers, gated", 0)]


def run(quick: bool) -> dict[str, Any]:
    try:
        data = tram.load()
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    models = [_measure(data.split(seed), name, seed, quick) for name, seed in (TASKS[-1:] if quick else TASKS)]
    speed = _speed_of_shape(quick)
    return {
        "rows": [_row(number, models, speed[number]) for number in range(len(WAYS))],
        "models": models,
        "shape": {"name": SHAPE, "tokens": TOKENS},
        "note": "same decisions: the lowest over the trained models, in percent; company: what other texts in the batch"
        " change in a probability",
    }


def _measure(split: tram.Split, name: str, seed: int, quick: bool) -> dict[str, Any]:
    config = TrainingConfig(seed=seed, max_seconds=3 if quick else None)
    texts = [example.text for example in (*split.data.validation, *split.test)][: 40 if quick else None]
    with TemporaryDirectory() as work:
        with patch.object(scratch, "DESIGN", DESIGNS[name]):
            trained = fit(split.data, config, Path(work) / "run", lambda progress: None)
        folder = Path(work) / "model"
        trained.save(folder, dataset_hash="", code_version="", metrics={})
        sensitivity = _sensitivity(folder, texts[:TIMED])
        spared = max(sensitivity, key=lambda group: sensitivity[group])
        models = [_as(way, folder, spared) for way in WAYS]
    sides = {way.name: lambda one=one: one.t5.score(texts[:TIMED]) for way, one in zip(WAYS, models, strict=True)}
    seconds = in_turn(sides, ROUNDS, clock=time.process_time)  # one thread: other load on the machine counts less
    floats = models[0].classify_parts(texts)
    return {
        "model": name,
        "seed": seed,
        "weight_of_t5": trained.weight,
        "texts": len(texts),
        "mean_change_by_group": sensitivity,
        "spared": spared,
        "ways": [
            {"way": way.name, **_beside(model, floats, texts, times_faster(seconds[way.name], seconds[WAYS[0].name]))}
            for way, model in zip(WAYS, models, strict=True)
        ],
    }


def _as(way: Way, folder: Path, spared: str) -> HybridModel:
    model = HybridModel.load(folder, "cpu")
    apply(way, model.t5.model, [spared] if way.spares else ())  # type: ignore[union-attr]
    return model


def _sensitivity(folder: Path, texts: Sequence[str]) -> dict[str, float]:
    """Mean of the largest change of a probability of the T5, with one group of layers rounded."""
    exact = _probabilities(HybridModel.load(folder, "cpu"), texts)
    result = {}
    for group in GROUPS:
        model = HybridModel.load(folder, "cpu")
        apply(PER_BATCH, model.t5.model, set(GROUPS) - {group})  # type: ignore[union-attr]
        result[group] = float(np.abs(_probabilities(model, texts) - exact).max(1).mean())
    return result


def _probabilities(model: HybridModel, texts: Sequence[str]) -> Any:
    assert model.t5 is not None
    return np.stack([result.probabilities for result in model.t5.classify_batch(texts)])


def _beside(
    model: HybridModel, floats: dict[str, list[Classification]], texts: Sequence[str], speedup: float
) -> dict[str, Any]:
    ours = model.classify_parts(texts)
    alone = np.concatenate([_probabilities(model, [text]) for text in texts[::APART]])
    together = np.stack([result.probabilities for result in ours["t5"][::APART]])
    return {
        "t5": VariantMeasure.of(floats["t5"], ours["t5"], speedup).to_json(),
        "hybrid": VariantMeasure.of(floats["blend"], ours["blend"], speedup).to_json(),
        "company": float(np.abs(alone - together).max()),
    }


def _speed_of_shape(quick: bool) -> list[dict[str, float]]:
    smaller = {"num_layers": 1} if quick else {}
    sides, megabytes = {}, {}
    texts = texts_of(TOKENS, SHAPE_TEXTS)
    for way in WAYS:
        classifier = random_classifier(SHAPE, TOKENS, **smaller)
        megabytes[way.name] = apply(way, classifier.model, ["feed-forward out"] if way.spares else ())
        sides[way.name] = lambda one=classifier: one.score(texts)
    seconds = in_turn(sides, 1 if quick else ROUNDS, clock=time.process_time)
    return [
        {"speed": times_faster(seconds[way.name], seconds[WAYS[0].name]), "megabytes": megabytes[way.name]}
        for way in WAYS
    ]


def _row(number: int, models: Sequence[dict[str, Any]], of_shape: dict[str, float]) -> dict[str, Any]:
    ways = [model["ways"][number] for model in models]
    t5, hybrid = (min(way[part]["agreement"] for way in ways) for part in ("t5", "hybrid"))
    return {
        "way": WAYS[number].name,
        "same, T5 %": 100 * t5,
        "same, hybrid %": 100 * hybrid,
        "both pass": "yes" if min(t5, hybrid) >= MINIMUM_AGREEMENT else "no",
        "largest change": max(way["t5"]["largest_change"] for way in ways),
        "cosine": min(way["t5"]["lowest_cosine"] for way in ways),
        "company": max(way["company"] for way in ways),
        "speed, small-scratch": ways[0]["t5"]["speedup"],
        f"speed, {SHAPE}": of_shape["speed"],
        f"MB, {SHAPE}": of_shape["megabytes"],
    }
