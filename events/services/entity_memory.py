"""What a process remembers of entities: arrays, since each collection of garbage would walk a million objects.

Two generations: who is met again moves to the younger one, and the elder is dropped when that is full.
"""

import numpy as np
from numpy.typing import NDArray

from events.stream.aggregates import Ints, States

KEPT = 60_000  # entities of all sources in each generation, about 60 MB with five fields each
STEP = 8_000  # entities by which the arrays grow

Known = NDArray[np.bool_]


class Memory:
    """States by source and entity. An entity's number of events tells whether what is kept is still the present."""

    def __init__(self) -> None:
        self._young: dict[int, _Kept] = {}
        self._old: dict[int, _Kept] = {}

    def clear(self) -> None:
        """Forget everything."""
        self._young, self._old = {}, {}

    def recall(self, source_id: int, ids: Ints, events: Ints, numbers: int) -> tuple[States, Known]:
        """(E,) states, empty where none is kept or others have added since; and which are known."""
        states, known = States.empty(len(ids), numbers), np.zeros(len(ids), bool)
        for generation in (self._old, self._young):
            kept = generation.get(source_id)
            if kept is not None and kept.numbers == numbers:
                known |= kept.fill(states, ids, events)
        return states, known

    def keep(self, source_id: int, ids: Ints, states: States) -> None:
        """Remember states that are committed."""
        if sum(len(kept.rows) for kept in self._young.values()) + len(ids) > KEPT:
            self._young, self._old = {}, self._young
        numbers = states.fields.shape[1]
        kept = self._young.get(source_id)
        if kept is None or kept.numbers != numbers:
            kept = self._young[source_id] = _Kept(numbers)
        rows = kept.places(ids)
        kept.states.put(rows, states)


class _Kept:
    def __init__(self, numbers: int) -> None:
        self.numbers = numbers
        self.rows: dict[int, int] = {}
        self.states = States.empty(STEP, numbers)

    def places(self, ids: Ints) -> Ints:
        """Rows of the entities, new ones at the end."""
        rows = np.array([self.rows.setdefault(pk, len(self.rows)) for pk in ids.tolist()], np.int64)
        while len(self.rows) > len(self.states.events):
            self.states = self.states.longer(STEP)
        return rows

    def fill(self, states: States, ids: Ints, events: Ints) -> Known:
        """Give what is kept of these entities, where it is the present; which were."""
        rows = np.array([self.rows.get(pk, -1) for pk in ids.tolist()], np.int64)
        known: Known = (rows >= 0) & (self.states.events[rows] == events)
        states.put(np.flatnonzero(known), self.states.take(rows[known]))
        return known
