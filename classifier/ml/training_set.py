"""The training reports as the optimiser meets them: which tokens, in which order, for which targets."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.ml.augmentation import Augmentation
from classifier.ml.class_balance import report_weights
from classifier.ml.config import TrainingConfig, TrainingData
from classifier.ml.vocabulary import Tokenizer

MEGABATCH = 20  # batches that are sorted by length together: near-equal lengths, still shuffled

Targets = NDArray[np.float32]  # (N, P), rows sum to 1


def path_targets(data: TrainingData) -> Targets:
    """(N, P): 1/k at each of a report's k paths."""
    result = np.zeros((len(data.train), len(data.paths)), np.float32)
    for row, example in zip(result, data.train, strict=True):
        row[list(example.paths)] = 1 / len(example.paths)
    return result


class TrainingSet:
    """Token rows and weighted targets; what is random depends on seed, epoch and a report's place only."""

    def __init__(
        self, data: TrainingData, targets: Targets, tokenizer: Tokenizer, config: TrainingConfig, spelling_noise: float
    ) -> None:
        self.texts = [example.text for example in data.train]
        self.tokenizer, self.seed = tokenizer, config.seed
        self.augmentation = Augmentation(config.word_dropout, spelling_noise, config.seed)
        self.targets = targets * report_weights(data.train, len(data.paths), config.balance)[:, None]
        self.rows = tokenizer.encode(self.texts)

    def __len__(self) -> int:
        return len(self.rows)

    def start(self, epoch: int, size: int) -> list[list[int]]:
        """Reads the reports for this epoch; returns its batches of `size`, shuffled and of near-equal length."""
        if self.augmentation:
            self.rows = self.tokenizer.encode(self.augmentation.texts(self.texts, epoch))
        return shuffled_batches([len(row) for row in self.rows], size, np.random.default_rng([self.seed, epoch]))


def shuffled_batches(lengths: Sequence[int], size: int, random: np.random.Generator) -> list[list[int]]:
    order = random.permutation(len(lengths)).tolist()
    batches: list[list[int]] = []
    for start in range(0, len(order), size * MEGABATCH):
        near = sorted(order[start : start + size * MEGABATCH], key=lambda index: lengths[index])
        batches += [near[cut : cut + size] for cut in range(0, len(near), size)]
    return [batches[place] for place in random.permutation(len(batches))]
