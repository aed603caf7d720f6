"""Soft targets for a T5 that learns from nothing: what the linear expert thinks of reports it has not seen.

A small model from scratch sees too few reports to tell which labels resemble each other; the linear expert's
distribution says so (Hinton et al. 2015, arXiv:1503.02531). It must come from other folds: on reports that it was
trained on, the expert merely repeats the label.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.ml.linear import LinearExpert
from classifier.ml.results import Example

FOLDS = 4


def soft_targets(
    examples: Sequence[Example], teacher: LinearExpert, c: float, seed: int, beat: Callable[[], None]
) -> NDArray[np.float32] | None:
    """(N, P) distributions with the calibration of `teacher`; None for too few examples to split.

    `beat` is called before each fold and may raise.
    """
    if len(examples) < 2 * FOLDS:
        return None
    paths = len(teacher.known)
    fold: list[int] = (np.random.default_rng(seed).permutation(len(examples)) % FOLDS).tolist()
    result = np.zeros((len(examples), paths), np.float32)
    for number in range(FOLDS):
        beat()
        inside = [i for i, other in enumerate(fold) if other == number]
        outside = [i for i, other in enumerate(fold) if other != number]
        expert = LinearExpert.fit([examples[i] for i in outside], paths, c, seed, teacher.features)
        scores = expert.score([examples[i].text for i in inside])
        result[inside] = np.exp(teacher.decider.log_probabilities(scores))
    return result
