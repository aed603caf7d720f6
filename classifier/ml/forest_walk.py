"""How rows walk down all trees of a forest at once, in plain numpy.

A node is one 64-bit number: from the top the number of its left child, the complement of its threshold, its feature.
Thresholds and values are order-preserving 32-bit keys of float32 numbers. Adding a row's key to the threshold's place
carries a one into the child's place just when the value is larger, and the right child stands next to the left one:
a level is two look-ups, a mask, two sums and a shift. Leaves point to themselves and never carry.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Words = NDArray[np.int64]

LEAF = -1  # in the column of features
CHUNK = 256  # rows that walk together: measured, the working set then fits the second-level cache
KEY_BITS = 32
TOP_KEY = 2**KEY_BITS - 1


@dataclass(frozen=True, eq=False)
class ForestWalk:
    """`nodes` (M,) level by level, the roots first; `lengths` (M,) at leaves, else 0."""

    nodes: Words
    lengths: Floats
    trees: int
    depth: int
    features: int  # columns that a row must have
    feature_bits: int

    @classmethod
    def of(cls, features: Ints, thresholds: Floats, left: Ints, right: Ints, lengths: Floats) -> "ForestWalk":
        """From (T, K) arrays; ValueError for a forest beyond 2^31 nodes times features."""
        trees, places = np.arange(len(features)), np.zeros(len(features), np.int64)
        levels, base = [], 0
        while len(trees):
            tested = features[trees, places]
            inner = tested != LEAF
            children = base + np.arange(len(trees))
            base += len(trees)
            children[inner] = base + 2 * np.arange(inner.sum())
            keys = np.where(inner, TOP_KEY - _keys(_rounded_down(thresholds[trees, places])), 0)
            levels.append((children, keys, np.where(inner, tested, 0), np.where(inner, 0.0, lengths[trees, places])))
            trees, places = trees[inner], places[inner]
            places = np.stack([left[trees, places], right[trees, places]], axis=1).ravel()
            trees = trees.repeat(2)
        children, keys, tested, lengths = (np.concatenate(column) for column in zip(*levels, strict=True))
        width = int(tested.max()) + 1
        bits = width.bit_length()
        if base.bit_length() + KEY_BITS + bits > 63:
            raise ValueError(
                f"a forest of {base} nodes over {width} features is too large: grow fewer or smaller trees"
            )
        nodes = children << (KEY_BITS + bits) | keys << bits | tested
        return cls(nodes, lengths, len(features), len(levels) - 1, width, bits)

    def total_lengths(self, rows: NDArray[np.float32]) -> Floats:
        """(N, F) -> (N,): lengths at the leaves where a row ends, summed over trees; ValueError if F is too small."""
        if rows.ndim != 2 or rows.shape[1] < self.features:
            raise ValueError(f"rows of shape {rows.shape} do not fit a forest that tests {self.features} features")
        result = np.empty(len(rows))
        for start in range(0, len(rows), CHUNK):
            chunk = slice(start, start + CHUNK)
            result[chunk] = self._walk(rows[chunk])
        return result

    def _walk(self, rows: NDArray[np.float32]) -> Floats:
        alone = len(rows) == 1
        rows = rows.repeat(2, axis=0) if alone else rows  # a single column would be summed in another order
        values = _keys(rows)
        values <<= self.feature_bits
        firsts = _firsts(*rows.shape, self.trees)
        # Arrays, since a Python number would be made one in each call; and methods, which cost less than functions.
        mask, shift = np.array((1 << self.feature_bits) - 1), np.array(KEY_BITS + self.feature_bits)
        node, value = self.nodes.take, values.ravel().take
        roots = self.nodes[: self.trees]
        found = np.ascontiguousarray(values.T[roots & mask])  # (T, B), and so are all that follow
        found += roots[:, None]
        places = found >> shift
        tested = np.empty_like(places)
        for _ in range(self.depth - 1):
            # Places are right by construction; "clip" spares the copy that the default makes to be able to raise.
            node(places, out=found, mode="clip")
            np.bitwise_and(found, mask, out=tested)
            np.add(tested, firsts, out=tested)
            value(tested, out=places, mode="clip")
            np.add(found, places, out=found)
            np.right_shift(found, shift, out=places)
        total: Floats = self.lengths.take(places, mode="clip").sum(axis=0)
        return total[:1] if alone else total


def _keys(numbers: NDArray[np.float32]) -> Words:
    """Integers from 0 to TOP_KEY in the order of the numbers; -0.0 and 0.0 are one."""
    bits = (numbers + np.float32(0)).view(np.int32)
    keys = (bits ^ (bits >> 31 & np.int32(0x7FFFFFFF))).astype(np.int64)
    keys += 2 ** (KEY_BITS - 1)
    return keys


@lru_cache(8)
def _firsts(rows: int, columns: int, trees: int) -> Words:
    """(T, B): where each row begins in the flat array of values. Micro-batches are mostly of one size."""
    return np.tile(np.arange(rows) * columns, (trees, 1))


def _rounded_down(thresholds: Floats) -> NDArray[np.float32]:
    """The largest float32 not above each: for a float32 value, x <= threshold is the same question of either."""
    with np.errstate(over="ignore"):
        nearest = thresholds.astype(np.float32)
        below = np.nextafter(nearest, np.float32(-np.inf))
    lower: NDArray[np.float32] = np.where(nearest > thresholds, below, nearest)
    return lower
