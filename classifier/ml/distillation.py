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
from classifier.ml.taxonomy import Taxonomy

FOLDS = 4


def soft_targets(
    examples: Sequence[Example], teacher: LinearExpert, taxonomy: Taxonomy, seed: int, beat: Callable[[], None]
) -> NDArray[np.float32] | None:
    """(N, P) distributions with the calibration of `teacher`; None for too few examples to split.

    `beat` is called before each fold and may raise.
    """
    if len(examples) < 2 * FOLDS:
        return None
    result = np.zeros((len(examples), len(taxonomy)), np.float32)
    for inside, outside in _folds(examples, seed):
        beat()
        learnt = [examples[place] for place in outside]
        expert = LinearExpert.fit(learnt, taxonomy, seed, teacher.machine, teacher.features)
        scores = expert.score([examples[place].text for place in inside])
        result[inside] = np.exp(teacher.decider.log_probabilities(scores))
    return result


def _folds(examples: Sequence[Example], seed: int) -> list[tuple[list[int], list[int]]]:
    """What is judged and what is learnt from in each fold; examples of one group are in one fold."""
    names = [example.group or f"alone {place}" for place, example in enumerate(examples)]
    _, group = np.unique(names, return_inverse=True)
    fold = (np.random.default_rng(seed).permutation(group.max() + 1) % FOLDS)[group]
    parts = ((fold == number, fold != number) for number in range(FOLDS))
    return [(np.flatnonzero(a).tolist(), np.flatnonzero(b).tolist()) for a, b in parts if a.any() and b.any()]
