"""Scoring and training on a GPU, in bfloat16, at flan-t5-small's shape and 100 tokens a report."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.needs import NotRun
from benchmarks.samples import classifier_of, default_paths, label_texts, texts_of, two_tokens
from benchmarks.shapes import random_t5
from benchmarks.timing import in_turn
from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.recipes import recipe_for
from classifier.ml.results import Example
from classifier.ml.t5 import T5Classifier
from classifier.ml.t5_training import Trainer
from classifier.ml.training_set import path_targets

NAME = "gpu"
ABOUT = "on CUDA in bfloat16: reports scored a second, compiled or not, and three epochs over 80,000 reports"
SHAPE = "flan-t5-small"
TOKENS = 100
SCORED, TRAINED, EPOCHS, ROUNDS = 20_000, 80_000, 3, 5
# An NVIDIA A100 did 46 reports/s, and took 10,051 s for the training, the reference's way.


def run(quick: bool) -> dict[str, Any]:
    if not torch.cuda.is_available():
        raise NotRun("no CUDA")
    reports = (500, 500) if quick else (SCORED, TRAINED)
    return {
        "rows": [*scoring("cuda", reports[0], 1 if quick else ROUNDS), training("cuda", reports[1])],
        "peak GPU memory, MB": torch.cuda.max_memory_allocated() / 2**20,
    }


def scoring(device: str, count: int, rounds: int, **shape: int) -> list[dict[str, Any]]:
    """From texts to probabilities, tokens and batches included."""
    model, texts = random_t5(SHAPE, **shape), texts_of(TOKENS, count)
    plain = classifier_of(model, two_tokens(default_paths()), TOKENS).to(device)
    sides = {
        "two tokens a label": plain,
        "label texts": classifier_of(model, label_texts(default_paths()), TOKENS).to(device),
    }
    if device == "cuda":
        sides["two tokens a label, compiled"] = _compiled(model, "default")
        sides["two tokens a label, compiled, CUDA graphs"] = _compiled(model, "reduce-overhead")
    work: dict[str, Callable[[], object]] = {name: lambda one=one: one.score(texts) for name, one in sides.items()}
    work["tokenise alone"] = lambda: plain.tokenizer.encode(texts)
    taken = in_turn(work, rounds)
    return [_row(name, count, sorted(seconds)[len(seconds) // 2]) for name, seconds in taken.items()]


def training(device: str, count: int, **shape: int) -> dict[str, Any]:
    """Label texts, with the product's own recipe; vocabulary and base are there already."""
    paths = default_paths()
    texts = texts_of(TOKENS, min(count, 4_000))  # said again under other labels: time does not ask what is learnt
    examples = tuple(Example(texts[number % len(texts)], (number % len(paths),)) for number in range(count))
    data = TrainingData(paths, examples, examples[:200])
    classifier = classifier_of(random_t5(SHAPE, **shape), label_texts(paths), TOKENS)
    config = TrainingConfig(base_model=SHAPE, epochs=EPOCHS, device=device)
    parameters = sum(weight.numel() for weight in classifier.model.parameters())
    recipe = recipe_for(config, parameters, device)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        Trainer(classifier, recipe, data, path_targets(data), config, Path(folder), lambda progress: None).run()
    seconds = time.perf_counter() - start
    name = f"training, {EPOCHS} epochs, {recipe.batch_reports} reports a step"
    return {**_row(name, count * EPOCHS, seconds), "reports": count}


def _row(side: str, count: int, seconds: float) -> dict[str, Any]:
    return {"side": side, "reports": count, "seconds": seconds, "reports/s": count / seconds}


def _compiled(model: Any, mode: str) -> T5Classifier:
    classifier = classifier_of(model, two_tokens(default_paths()), TOKENS).to("cuda")
    classifier.engine.encode = torch.compile(classifier.engine.encode, mode=mode)  # the decoder is a tenth of it
    return classifier
