"""Soft targets for a T5 that learns from nothing: what the linear expert thinks of reports it has not seen.

A small model from scratch sees too few reports to tell which labels resemble each other; the linear expert's
distribution says so (Hinton et al. 2015, arXiv:1503.02531).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.ml.folds import FOLDS, out_of_fold
from classifier.ml.linear import LinearExpert
from classifier.ml.results import Example, Scores
from classifier.ml.taxonomy import Taxonomy


def soft_targets(
    examples: Sequence[Example], teacher: LinearExpert, taxonomy: Taxonomy, seed: int, beat: Callable[[], None]
) -> NDArray[np.float32] | None:
    """(N, P) distributions with the calibration of `teacher`; None for too few examples to split.

    `beat` is called before each fold and may raise.
    """
    if len(examples) < 2 * FOLDS:
        return None
    scores = out_of_fold(examples, taxonomy, teacher.features, teacher.machine, seed, beat)
    known = np.isfinite(scores).any(axis=1)
    result = np.zeros(scores.shape, np.float32)
    result[known] = np.exp(teacher.decider.log_probabilities(Scores(scores[known])))
    return result
