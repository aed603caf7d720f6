"""What a training costs before anybody has tried it: worked out from what was measured of other bases.

All figures are of one core of an AMD EPYC: seconds from benchmarks/quality.py (TRAM: 72 s for the 1.85 million tokens
of small-scratch, 4.6 s for the linear expert on 3,100 reports), other bases by the presets' speed beside it.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from classifier.ml.config import NO_T5, SMALL_SCRATCH, TrainingConfig
from classifier.ml.presets import PRESETS
from classifier.ml.recipes import STEP_TOKENS, Recipe, recipe_for
from classifier.ml.results import Example

MB = 2**20
CHARACTERS_A_TOKEN = 4  # of English; earlier trainings are compared by the same count, so that its error falls out
SECONDS_A_TOKEN = 40e-6  # of small-scratch, forwards and backwards
SECONDS_A_REPORT = 1.5e-3  # of the linear expert
LIBRARIES_MB = 446  # benchmarks/presets.py
LINEAR_MB = 200  # features of some thousand reports, and the margins
LINEAR_DISK_MB = 40
# Weights, gradients and AdamW's two moments stay; weights, the best ones and the moments are copied for a checkpoint.
BYTES_A_WEIGHT, FROZEN_BYTES = 8 * 4, 4
KEPT_BYTES = 2 * 4 * 4  # on disk: two checkpoints, while one takes the other's place
TOKENS_A_PASS = 4_096
# MB that a pass of so many tokens keeps for the gradients, by millions of weights (see classifier/ml/recipes.py).
GRADIENTS_MB = {2: 300, 77: 2_100, 248: 5_700, 783: 15_400, 2_850: 50_000}
RECOMPUTED_MB = {2: 50, 77: 100, 248: 200, 783: 500, 2_850: 1_500}


@dataclass(frozen=True, slots=True)
class Size:
    """What is learned from: training reports, and their tokens when each is cut to what the base reads."""

    reports: int
    tokens: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a whole training; `disk_mb` at its height."""

    seconds: float
    memory_mb: float
    disk_mb: float


def longest(config: TrainingConfig) -> int:
    """Tokens of a report that are read."""
    return config.max_tokens or (192 if config.base_model == SMALL_SCRATCH else 512)


def size_of(examples: Iterable[Example], config: TrainingConfig) -> Size:
    lengths = [min(len(example.text) / CHARACTERS_A_TOKEN, longest(config)) for example in examples]
    return Size(len(lengths), sum(lengths))


def work(config: TrainingConfig, size: Size) -> float:
    """How much there is to compute, in tokens of the base; of the linear expert alone, in reports."""
    if config.base_model == NO_T5 or not size.reports:
        return float(size.reports)
    recipe = _recipe(config, weights_of(config.base_model) or 0)
    steps = math.ceil(size.reports / recipe.batch_reports)
    epochs = config.epochs or recipe.epochs_for(round(size.tokens), steps)
    return epochs * (size.tokens + STEP_TOKENS * steps)


def cost(config: TrainingConfig, size: Size) -> Cost | None:
    """None for a base of which nothing is known."""
    linear = size.reports * SECONDS_A_REPORT
    if config.base_model == NO_T5:
        return Cost(linear, LIBRARIES_MB + LINEAR_MB, LINEAR_DISK_MB)
    weights = weights_of(config.base_model)
    if weights is None:
        return None
    seconds = work(config, size) * SECONDS_A_TOKEN * _slowness(config.base_model, weights) * slowdown(config)
    recipe = _recipe(config, weights)
    return Cost(
        linear + min(seconds, config.max_seconds or math.inf),
        _memory_mb(recipe, weights),
        _kept_mb(recipe, weights) + _download_mb(config),
    )


def slowdown(config: TrainingConfig) -> float:
    """How many times as long a token takes as it would with the cheapest settings."""
    return 4 / 3 if _recipe(config, weights_of(config.base_model) or 0).recompute else 1.0


def memory_beside(config: TrainingConfig, other: TrainingConfig) -> float | None:
    """How many times the memory of a training of the same base with other settings, on a CPU; None: not known."""
    return _beside(config, other, _memory_mb)


def disk_beside(config: TrainingConfig, other: TrainingConfig) -> float | None:
    """How many times the disk of a training of the same base with other settings; None: not known."""
    return _beside(config, other, _kept_mb)


def weights_of(base_model: str) -> int | None:
    """Parameters of a preset, or of a folder by the size of its files."""
    for preset in PRESETS:
        if base_model in {preset.name, preset.short_name}:
            return preset.parameters
    files = list(Path(base_model).glob("*.safetensors")) if Path(base_model).is_dir() else []
    return sum(file.stat().st_size for file in files) // 4 or None


def _recipe(config: TrainingConfig, weights: int) -> Recipe:
    """On a CPU, which is the slower of what may be there."""
    return recipe_for(config, weights, "cpu")


def _beside(config: TrainingConfig, other: TrainingConfig, worked_out: Callable[[Recipe, int], float]) -> float | None:
    weights = weights_of(config.base_model)
    mine, theirs = (_recipe(one, weights or 0) for one in (config, other))
    if config.base_model == NO_T5 or (mine.rank, mine.recompute, mine.batch_tokens) == (
        theirs.rank,
        theirs.recompute,
        theirs.batch_tokens,
    ):
        return 1.0
    return worked_out(mine, weights) / worked_out(theirs, weights) if weights else None


def _memory_mb(recipe: Recipe, weights: int) -> float:
    held = weights * (FROZEN_BYTES if recipe.rank else BYTES_A_WEIGHT) / MB
    return LIBRARIES_MB + LINEAR_MB + held + _gradients_mb(recipe, weights)


def _kept_mb(recipe: Recipe, weights: int) -> float:
    return LINEAR_DISK_MB + weights * (FROZEN_BYTES + (0 if recipe.rank else KEPT_BYTES)) / MB


def _slowness(base_model: str, weights: int) -> float:
    """How many times as long as small-scratch a base takes; one that was not measured, by its size."""
    scratch, small = PRESETS[0], PRESETS[1]
    for preset in PRESETS:
        if base_model in {preset.name, preset.short_name}:
            return scratch.speed / preset.speed
    return scratch.speed / small.speed * weights / small.parameters


def _gradients_mb(recipe: Recipe, weights: int) -> float:
    table = RECOMPUTED_MB if recipe.recompute else GRADIENTS_MB
    nearest = min(table, key=lambda millions: abs(math.log(millions * 1e6 / weights)))
    return table[nearest] * weights / (nearest * 1e6) * recipe.batch_tokens / TOKENS_A_PASS


def _download_mb(config: TrainingConfig) -> float:
    hub = [preset for preset in PRESETS if preset.name == config.base_model and preset.name != SMALL_SCRATCH]
    return float(hub[0].weights_mb) if hub else 0.0
