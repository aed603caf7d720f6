"""What a training run is told, and what it tells while it runs."""

from dataclasses import dataclass

from classifier.ml.results import Example
from classifier.ml.taxonomy import LabelPath

NO_T5 = "none"
SMALL_SCRATCH = "small-scratch"


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
    batch_reports: int = 16  # reports per optimiser step
    batch_tokens: int = 4096  # padded tokens per forward pass: bounds memory, more passes make up a step
    max_tokens: int | None = None  # longer reports keep head and tail
    warmup_share: float = 0.1  # of all steps, then linear decay to zero
    weight_decay: float = 0.01
    patience: int = 4  # epochs without a better validation score before stopping
    max_seconds: float | None = None  # time budget of the T5; a run cut by it cannot be reproduced exactly
    device: str | None = None  # "cpu", "cuda"; None: CUDA where there is one


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
