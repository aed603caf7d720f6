"""What the linear expert thinks of reports that it has not seen: out-of-fold opinions.

They must come from other folds: on reports that it was trained on, the expert merely repeats the label.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.ml.features import TextFeatures
from classifier.ml.linear import LinearExpert
from classifier.ml.results import Example
from classifier.ml.taxonomy import Taxonomy

FOLDS = 4


def out_of_fold(
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    features: TextFeatures,
    machine: str,
    seed: int,
    beat: Callable[[], None],
) -> NDArray[np.float64]:
    """(N, P) raw log-probabilities, -inf for a path that the other folds do not have.

    `beat` is called before each fold and may raise. Rows of -inf where everything is one group.
    """
    result = np.full((len(examples), len(taxonomy)), -np.inf)
    for inside, outside in _folds(examples, seed):
        beat()
        expert = LinearExpert.fit([examples[place] for place in outside], taxonomy, seed, machine, features)
        result[inside] = expert.score([examples[place].text for place in inside]).log_probabilities
    return result


def _folds(examples: Sequence[Example], seed: int) -> list[tuple[list[int], list[int]]]:
    """What is judged and what is learnt from in each fold; examples of one group are in one fold."""
    names = [example.group or f"alone {place}" for place, example in enumerate(examples)]
    _, group = np.unique(names, return_inverse=True)
    fold = (np.random.default_rng(seed).permutation(group.max() + 1) % FOLDS)[group]
    parts = ((fold == number, fold != number) for number in range(FOLDS))
    return [(np.flatnonzero(a).tolist(), np.flatnonzero(b).tolist()) for a, b in parts if a.any() and b.any()]
