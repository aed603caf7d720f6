"""Label paths as one packed prefix trie, so that a single decoder pass scores all of them.

A label is a token sequence. At a node with one child nothing is to be decided (its probability is 1), so only
branching nodes and their ancestors are decoded. Where a label ends at a node that goes on, end-of-sequence is one
of that node's children.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Tokens = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class PackedTrie:
    """M decoded positions (a parent before its children), N branching ones, E edges that leave them, P paths."""

    tokens: Ints  # (M,) decoder input; position 0 is the root, whose input is the start token
    depths: Ints  # (M,) distance from the root: what relative positions count, never the packed index
    ancestors: NDArray[np.bool_]  # (M, M) [i, j]: j is i itself or an ancestor of i
    branches: Ints  # (N,) packed positions at which something is to be decided
    edge_branches: Ints  # (E,) index into `branches`, never falling
    edge_tokens: Ints  # (E,) the child's token
    path_edges: Ints  # (P, L) edges that a path takes at branching nodes, filled up with E

    @classmethod
    def build(cls, labels: Sequence[Tokens], start: int, end: int) -> "PackedTrie":
        """ValueError for an empty label, for two equal ones, and for one that holds the end token."""
        if not labels or not all(labels) or len(set(labels)) != len(labels):
            raise ValueError("labels must be distinct and not empty token sequences")
        if any(end in label for label in labels):
            raise ValueError("a label must not contain the end-of-sequence token")
        children = _children(labels, end)
        branching = [prefix for prefix, below in children.items() if len(below) > 1]
        ways = ((), *(prefix[:cut] for prefix in branching for cut in range(len(prefix) + 1)))
        kept = sorted(dict.fromkeys(ways), key=len)
        position = {prefix: place for place, prefix in enumerate(kept)}
        edges = [(prefix, token) for prefix in branching for token in children[prefix]]
        branch = {prefix: place for place, prefix in enumerate(branching)}
        return cls(
            tokens=_ints([prefix[-1] if prefix else start for prefix in kept]),
            depths=_ints([len(prefix) for prefix in kept]),
            ancestors=_ancestors(kept, position),
            branches=_ints([position[prefix] for prefix in branching]),
            edge_branches=_ints([branch[prefix] for prefix, _ in edges]),
            edge_tokens=_ints([token for _, token in edges]),
            path_edges=_path_edges(labels, end, children, edges),
        )


def _children(labels: Sequence[Tokens], end: int) -> dict[Tokens, dict[int, None]]:
    """For each prefix the tokens that may follow, in order of appearance."""
    children: dict[Tokens, dict[int, None]] = {}
    for label in labels:
        for cut, token in enumerate(label):
            children.setdefault(label[:cut], {})[token] = None
    for label in labels:
        if label in children:
            children[label][end] = None
    return children


def _ancestors(kept: Sequence[Tokens], position: dict[Tokens, int]) -> NDArray[np.bool_]:
    result = np.zeros((len(kept), len(kept)), dtype=bool)
    for prefix in kept:
        for cut in range(len(prefix) + 1):
            result[position[prefix], position[prefix[:cut]]] = True
    return result


def _path_edges(
    labels: Sequence[Tokens],
    end: int,
    children: dict[Tokens, dict[int, None]],
    edges: Sequence[tuple[Tokens, int]],
) -> Ints:
    number = {edge: place for place, edge in enumerate(edges)}
    taken = []
    for label in labels:
        whole = (*label, end) if label in children else label
        steps = ((whole[:cut], token) for cut, token in enumerate(whole))
        taken.append([number[step] for step in steps if step in number])
    result = np.full((len(labels), max(map(len, taken))), len(edges), dtype=np.int64)
    for row, numbers in zip(result, taken, strict=True):
        row[: len(numbers)] = numbers
    return result


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)
