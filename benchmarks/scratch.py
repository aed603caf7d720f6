"""What makes a T5 that starts from nothing good: each choice of `small-scratch` against its neighbours.

TRAM, two splits by document other than those of the quality benchmark. T5 alone, calibrated on validation; "of linear"
is its validation exact match as a share of the linear expert's. Seconds are of one thread, the teacher's included.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks import tram
from benchmarks.needs import NotRun
from benchmarks.span_corruption import warm_up
from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.expert import Decider, Expert, validation_score
from classifier.ml.linear import LinearExpert
from classifier.ml.recipes import SCRATCH, Recipe
from classifier.ml.results import Example
from classifier.ml.scratch import DESIGN, Design, scratch_t5
from classifier.ml.t5 import T5Classifier
from classifier.ml.t5_training import Trainer, taught_targets
from classifier.ml.taxonomy import Taxonomy

NAME = "scratch"
ABOUT = "small-scratch on TRAM: its size, vocabulary, start, warm-up and teacher, each against its neighbours"
SEEDS = (100, 101)


@dataclass(frozen=True)
class Variant:
    """One way to build and train; the default is what is shipped."""

    design: Design = DESIGN
    recipe: Recipe = SCRATCH
    warm_up: int = 0  # epochs of span corruption before
    settings: dict[str, Any] = field(default_factory=dict)


VARIANTS = {
    "as shipped": Variant(),
    "no teacher": Variant(recipe=replace(SCRATCH, teacher_share=0.0)),
    "teacher 0.8": Variant(recipe=replace(SCRATCH, teacher_share=0.8)),
    "random embeddings": Variant(Design(company=False)),
    "span corruption, 3 epochs": Variant(warm_up=3),
    "vocabulary 3,000": Variant(Design(vocabulary=3_000)),
    "width 192": Variant(Design(width=192)),
    "balanced by half": Variant(settings={"balance": 0.5}),
    "twice the budget": Variant(recipe=replace(SCRATCH, budget=2 * SCRATCH.budget)),
}


def run(quick: bool) -> dict[str, Any]:
    try:
        data = tram.load()
    except tram.DataMissing as error:
        raise NotRun(str(error)) from error
    rounds = [_round(data.split(seed), seed, quick) for seed in (SEEDS[:1] if quick else SEEDS)]
    rows = [
        {"variant": name, **{key: mean(one[name][key] for one in rounds) for key in rounds[0][name]}}
        for name in rounds[0]
    ]
    return {"rows": rows, "by_seed": dict(zip(map(str, SEEDS), rounds, strict=False))}


def _round(split: tram.Split, seed: int, quick: bool) -> dict[str, dict[str, float]]:
    data, variants = split.data, VARIANTS
    if quick:
        data = replace(data, train=data.train[:200], validation=data.validation[:40])
        variants = {name: VARIANTS[name] for name in ("as shipped", "span corruption, 3 epochs")}
    linear = LinearExpert.fit(data.train, Taxonomy(data.paths), seed)
    linear_match, _ = _score(linear, data.validation, data)
    figures = {}
    for name, variant in variants.items():
        started = time.thread_time()
        model = _trained(variant, data, seed, linear, quick)
        seconds = time.thread_time() - started
        match, nll = _score(model, data.validation, data)
        truths = [example.paths for example in split.test]
        test = validation_score(model.decider, model.score([example.text for example in split.test]), truths)
        figures[name] = {
            "validation exact": match,
            "of linear": match / linear_match,
            "validation nll": nll,
            "test exact": test[0],
            "test nll": -test[1],
            "seconds": round(seconds, 1),
        }
        print(f"seed {seed}, {name}: {figures[name]}", flush=True)
    return figures


def _trained(variant: Variant, data: TrainingData, seed: int, linear: LinearExpert, quick: bool) -> T5Classifier:
    config = TrainingConfig(seed=seed, epochs=1 if quick else None, device="cpu", **variant.settings)
    texts = [example.text for example in data.train]
    model = scratch_t5(texts, data.paths, seed, design=variant.design)
    if variant.warm_up:
        warm_up(model, texts, variant.warm_up, seed)
    targets = taught_targets(data, variant.recipe, linear, seed, lambda progress: None)
    with TemporaryDirectory() as folder:
        return Trainer(model, variant.recipe, data, targets, config, Path(folder), lambda progress: None).run()


def _score(expert: Expert, examples: Sequence[Example], data: TrainingData) -> tuple[float, float]:
    """Exact match and NLL, with the decider fitted on these same reports, as a training does."""
    truths = [example.paths for example in examples]
    scores = expert.score([example.text for example in examples])
    expert.decider = Decider.fit(np.asarray(scores.log_probabilities), truths, data.largest_set)
    match, negative = validation_score(expert.decider, scores, truths)
    return match, -negative
