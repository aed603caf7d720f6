"""Label paths as packed prefix tries, so that a single decoder pass scores all of them.

A label is a token sequence. At a node with one child nothing is to be decided (its probability is 1), so only
branching nodes and their ancestors are decoded. Where a label ends at a node that goes on, end-of-sequence is one
of that node's children.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_POSITIONS = 256  # decoded at once: attention grows by the square, and a product of so many rows is fast enough

Ints = NDArray[np.int64]
Tokens = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class TriePart:
    """M positions decoded together (a parent before its children), N branching ones, E edges that leave these."""

    tokens: Ints  # (M,) decoder input; position 0 is the root, whose input is the start token
    depths: Ints  # (M,) distance from the root: what relative positions count, never the packed index
    ancestors: NDArray[np.bool_]  # (M, M) [i, j]: j is i itself or an ancestor of i
    branches: Ints  # (N,) packed positions at which something is to be decided
    edge_branches: Ints  # (E,) index into `branches`, never falling
    edge_tokens: Ints  # (E,) the child's token


@dataclass(frozen=True, eq=False)
class PackedTrie:
    """All labels. The parts share no branch, but ancestors of branches; without a part nothing is to be decided."""

    parts: tuple[TriePart, ...]
    path_edges: Ints  # (P, L) edges that a path takes, numbered through all parts, filled up with their number

    @property
    def positions(self) -> int:
        return sum(len(part.tokens) for part in self.parts)

    @classmethod
    def build(
        cls, labels: Sequence[Tokens], start: int, end: int, most_positions: int = MOST_POSITIONS
    ) -> "PackedTrie":
        """ValueError for an empty label, for two equal ones, and for one that holds the end token.

        A part has at most `most_positions`, unless a single branch has more ancestors.
        """
        if not labels or not all(labels) or len(set(labels)) != len(labels):
            raise ValueError("labels must be distinct and not empty token sequences")
        if any(end in label for label in labels):
            raise ValueError("a label must not contain the end-of-sequence token")
        children = _children(labels, end)
        branching = sorted(prefix for prefix, below in children.items() if len(below) > 1)
        edges = [(prefix, token) for prefix in branching for token in children[prefix]]
        return cls(
            parts=tuple(_part(group, children, start) for group in _groups(branching, most_positions)),
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


def _groups(branching: Sequence[Tokens], most_positions: int) -> Iterator[list[Tokens]]:
    """Neighbours in depth-first order, which share most of their ancestors."""
    group: list[Tokens] = []
    needed: set[Tokens] = set()
    for prefix in branching:
        ways = {prefix[:cut] for cut in range(len(prefix) + 1)}
        if group and len(needed | ways) > most_positions:
            yield group
            group, needed = [], set()
        group.append(prefix)
        needed |= ways
    if group:
        yield group


def _part(branching: Sequence[Tokens], children: dict[Tokens, dict[int, None]], start: int) -> TriePart:
    ways = (prefix[:cut] for prefix in branching for cut in range(len(prefix) + 1))
    kept = sorted(dict.fromkeys(ways), key=len)
    position = {prefix: place for place, prefix in enumerate(kept)}
    edges = [(place, token) for place, prefix in enumerate(branching) for token in children[prefix]]
    return TriePart(
        tokens=_ints([prefix[-1] if prefix else start for prefix in kept]),
        depths=_ints([len(prefix) for prefix in kept]),
        ancestors=_ancestors(kept, position),
        branches=_ints([position[prefix] for prefix in branching]),
        edge_branches=_ints([place for place, _ in edges]),
        edge_tokens=_ints([token for _, token in edges]),
    )


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
