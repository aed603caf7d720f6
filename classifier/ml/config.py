"""What a training run is told, and what it tells while it runs."""

from dataclasses import dataclass, fields
from types import NoneType
from typing import Any, get_args

from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath

NO_T5 = "none"
CPU, CUDA = "cpu", "cuda"
SMALL_SCRATCH = "small-scratch"
# What a training can be asked for. Above half of its words changed, a text no longer says what its label says.
BOUNDS: dict[str, tuple[float, float]] = {
    "seed": (0, 2**32 - 1),  # numpy's
    "epochs": (1, 10_000),
    "learning_rate": (1e-8, 1),
    "batch_reports": (1, 4_096),
    "batch_tokens": (1, 2**20),
    "max_tokens": (32, 16_384),  # fewer would leave a report little room beside the prompt
    "warmup_share": (0, 1),
    "weight_decay": (0, 1),
    "patience": (1, 10_000),
    "max_seconds": (1, 604_800),  # a week
    "lora_rank": (0, 512),
    "balance": (0, 1),
    "word_dropout": (0, 0.5),
    "spelling_noise": (0, 0.5),
}
KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


class BaseModelUnavailable(Exception):
    """The base model cannot be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """A frozen dataset. Indices in the examples point into `paths`; paths without examples are allowed."""

    paths: tuple[LabelPath, ...]
    train: tuple[Example, ...]
    validation: tuple[Example, ...] = ()

    def __post_init__(self) -> None:
        if not self.train:
            raise ValueError("there is nothing to train on: label some reports first")
        for example in (*self.train, *self.validation):
            if not example.paths or not all(0 <= path < len(self.paths) for path in example.paths):
                raise ValueError("every example needs at least one path, and only paths of the taxonomy")

    @property
    def largest_set(self) -> int:
        return max(len(set(example.paths)) for example in (*self.train, *self.validation))


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Settings of a run; None means: what suits the base model."""

    base_model: str = SMALL_SCRATCH  # "none", "small-scratch", a folder in Hugging Face format, or a hub name
    seed: int = 13  # any; the same data and seed give the same model on the same CPU
    epochs: int | None = None
    learning_rate: float | None = None
    batch_reports: int | None = None  # reports per optimiser step
    batch_tokens: int | None = None  # padded tokens per forward pass: bounds memory, more passes make up a step
    max_tokens: int | None = None  # longer reports keep head and tail
    warmup_share: float = 0.1  # of all steps, then linear decay to zero
    weight_decay: float = 0.01
    patience: int = 8  # epochs without a better validation score before stopping; 4 left schedules half-way
    max_seconds: float | None = None  # time budget of the T5; a run cut by it cannot be reproduced exactly
    device: str | None = None  # "cpu", "cuda"; None: CUDA where there is one
    lora_rank: int | None = None  # rank of the adapters that are trained in place of the weights; 0: the weights
    recompute: bool | None = None  # gradient checkpointing: a third of the memory or less, for a third more time
    # Power of the inverse label frequency that weighs reports in the loss: 0 none, 1 all labels alike. Off, because
    # probabilities then lean to rare labels, which no temperature undoes: for those who want macro-F1 more.
    balance: float = 0.0
    word_dropout: float = 0.0  # probability that a training text is read without a word, drawn anew in every epoch
    spelling_noise: float | None = None  # probability that a word is misspelt, likewise

    def __post_init__(self) -> None:
        for field in fields(self):
            _refuse_another_kind(field.name, field.type, getattr(self, field.name))
        for name, (least, most) in BOUNDS.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                raise ValueError(f"{name} is {value}; it must be from {least:,} to {most:,}")
        if self.base_model == SMALL_SCRATCH and self.lora_rank:
            raise ValueError(f"{SMALL_SCRATCH} learns from nothing, so there is nothing to adapt: leave lora_rank out")


@dataclass(frozen=True, slots=True)
class Progress:
    """One sign of life. Whatever receives it may raise, which ends the run cleanly (cancel)."""

    stage: str  # "linear", "vocabulary", "teacher", "t5", "calibration", "evaluation", "saving"
    message: str
    step: int = 0
    total_steps: int = 0
    epoch: int = 0
    epochs: int = 0
    loss: float | None = None
    validation_score: float | None = None  # share of validation reports whose decided set is exactly right
    eta_seconds: float | None = None
    device: str = ""  # what the T5 is computed on, for people


def _refuse_another_kind(name: str, declared: Any, value: object) -> None:
    """ValueError unless the value is of the declared type; a whole number is a number, a truth value is neither."""
    allowed = get_args(declared) or (declared,)
    if value is None and NoneType in allowed:
        return
    wanted = next(kind for kind in allowed if kind is not NoneType)
    fits = isinstance(value, int | float if wanted is float else wanted)
    if not fits or (isinstance(value, bool) and wanted is not bool):
        raise ValueError(f"{name} is {value!r}; it must be {KINDS[wanted]}")
