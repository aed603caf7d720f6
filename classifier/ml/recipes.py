"""How a training goes: what the config asks for, and what suits base model and device where it leaves that open."""

import math
from dataclasses import dataclass, replace

from classifier.ml.config import SMALL_SCRATCH, TrainingConfig

STEP_TOKENS = 460  # what a step costs besides its tokens, in tokens: 30 ms against 0.065 ms each
MOST_EPOCHS = 40  # more on the same few reports only learns them by heart
LARGE = 500_000_000  # parameters: flan-t5-large has 783 M, for all of which AdamW would keep 12.5 GB
LARGE_RANK = 16  # of a large base's adapters; rank is no sensitive choice (Hu et al. 2021, table 6)
# At 4,096 tokens a pass and in float32, flan-t5-small (77 M) keeps 2.1 GB for its gradients, flan-t5-base (248 M)
# 5.7 GB and flan-t5-large 15.4 GB; recomputed, 0.1, 0.2 and 0.5 GB, for about a third more time.
RECOMPUTED = 200_000_000  # parameters


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a training follows besides the data, the seed and the config's own settings."""

    epochs: int
    learning_rate: float
    budget: int  # small data sets get more epochs, until about this many tokens have been read; a step counts too
    teacher_share: float  # weight of the linear expert's opinion in the targets
    threads: int | None  # None: as many as torch likes
    batch_reports: int = 16  # per optimiser step
    batch_tokens: int = 4_096  # padded tokens per forward pass
    rank: int = 0  # of LoRA's adapters; 0: all weights are trained
    recompute: bool = False
    spelling_noise: float = 0.0  # share of the words that are misspelt in training, anew in every epoch

    def epochs_for(self, tokens_per_epoch: int, steps_per_epoch: int) -> int:
        cost = tokens_per_epoch + STEP_TOKENS * steps_per_epoch
        return min(max(self.epochs, round(self.budget / cost)), MOST_EPOCHS)


# The budget takes about two minutes on one core; twice as much gained nothing on complaints. Learning rate 2e-3 is
# unstable (-6 points of exact match on threat reports), and without a teacher 2.5 points are lost. Misspelling a tenth
# of the words gains 3 points of exact match on validation and 4 on misspelt test texts; leaving words out gains none
# (benchmarks/augmentation.py).
SCRATCH = Recipe(epochs=4, learning_rate=1e-3, budget=1_850_000, teacher_share=0.5, threads=1, spelling_noise=0.1)
# A second thread makes so small a model no faster (35 ms a step either way) on an idle machine and several times
# slower on a busy one, and a result that depends on the number of cores could not be reproduced elsewhere.
# A pretrained model needs no teacher to know which words are alike. What spelling noise does to one was not measured.
PRETRAINED = Recipe(epochs=5, learning_rate=5e-4, budget=0, teacher_share=0.0, threads=None)
# On a GPU a step of few reports is mostly overhead (20 to 30 ms): three epochs over 80,000 reports are 15,000 steps of
# 16 and 3,750 of 64. Neither this batch nor its rate, scaled as below, was tried on hardware.
PRETRAINED_CUDA = replace(PRETRAINED, batch_reports=64, batch_tokens=16_384, learning_rate=1e-3)
LORA_LEARNING_RATE = 1e-3  # adapters start at zero and stand larger steps; common practice, not measured here


def recipe_for(config: TrainingConfig, parameters: int, device: str) -> Recipe:
    """For a base of so many parameters on "cpu" or "cuda".

    AdamW's learning rate goes with the square root of the batch (Malladi et al. 2022, arXiv:2205.10287).
    """
    start = _start(config.base_model, device)
    rank, recompute, reports = config.lora_rank, config.recompute, config.batch_reports or start.batch_reports
    if rank is None:
        rank = LARGE_RANK if parameters > LARGE else 0
    if recompute is None:
        recompute = parameters > RECOMPUTED
    rate = LORA_LEARNING_RATE if rank else start.learning_rate
    return replace(
        start,
        learning_rate=config.learning_rate or rate * math.sqrt(reports / start.batch_reports),
        batch_reports=reports,
        batch_tokens=config.batch_tokens or start.batch_tokens,
        rank=rank,
        recompute=recompute,
        spelling_noise=start.spelling_noise if config.spelling_noise is None else config.spelling_noise,
    )


def _start(base_model: str, device: str) -> Recipe:
    if base_model == SMALL_SCRATCH:
        return SCRATCH
    return PRETRAINED_CUDA if device == "cuda" else PRETRAINED
