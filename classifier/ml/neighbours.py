"""The nearest of many unit vectors: exact, without an index."""

import numpy as np
from numpy.typing import NDArray

CHUNK = 8_192  # rows made float32 at once: they stay in the processor's cache


def nearest(
    vectors: NDArray[np.float16] | NDArray[np.float32], query: NDArray[np.float32], count: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """(N, D) unit rows and a unit vector -> the rows of the `count` largest cosines and these, the largest first.

    Of equals the later row comes first.
    """
    cosines = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), CHUNK):
        cosines[start : start + CHUNK] = vectors[start : start + CHUNK].astype(np.float32, copy=False) @ query
    kept = np.arange(len(vectors))
    if count < len(vectors):
        kept = np.argpartition(-cosines, count)[:count]
    order = kept[np.lexsort((-kept, -cosines[kept]))]
    return order, cosines[order]
