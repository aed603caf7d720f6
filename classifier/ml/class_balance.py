"""How much each report counts in the loss, so that rare labels are not drowned by common ones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.ml.results import Example


def report_weights(examples: Sequence[Example], paths: int, power: float) -> NDArray[np.float32]:
    """(N,) with mean 1: the inverse frequency of a report's path, to the `power`.

    0: all reports count the same. 1: all paths count the same, however many reports they have. A report with several
    paths shares itself out between them, as its target does, and gets the mean of their weights: it is the report
    that is weighted, so that its paths keep their equal parts of its distribution. What a report counts by itself
    (`Example.weight`) counts here and in the frequencies.
    """
    frequency = np.zeros(paths)
    for example in examples:
        frequency[list(example.paths)] += example.weight / len(example.paths)
    inverse = np.power(np.maximum(frequency, np.finfo(float).tiny), -power)
    weights = np.array([example.weight * inverse[list(example.paths)].mean() for example in examples])
    return (weights / weights.mean()).astype(np.float32)  # type: ignore[no-any-return]
