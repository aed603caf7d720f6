"""What a process remembers of entities: arrays, since each collection of garbage would walk a million objects."""

import numpy as np
from numpy.typing import NDArray

from events.stream.aggregates import Ints, States

KEPT = 30_000  # entities of a source, about 50 MB with five fields each; then it begins anew
STEP = 4_000  # entities by which the arrays grow


class Memory:
    """States by source and entity. An entity's number of events tells whether what is kept is still the present."""

    def __init__(self) -> None:
        self._sources: dict[int, _Kept] = {}

    def clear(self) -> None:
        """Forget everything."""
        self._sources.clear()

    def recall(self, source_id: int, ids: Ints, events: Ints, numbers: int) -> tuple[States, NDArray[np.bool_]]:
        """(E,) states, empty where none is kept or others have added since; and which are known."""
        states = States.empty(len(ids), numbers)
        kept = self._sources.get(source_id)
        if kept is None or kept.numbers != numbers:
            return states, np.zeros(len(ids), bool)
        rows = np.array([kept.rows.get(pk, -1) for pk in ids.tolist()], np.int64)
        known = (rows >= 0) & (kept.states.events[rows] == events)
        states.put(np.flatnonzero(known), kept.states.take(rows[known]))
        return states, known

    def keep(self, source_id: int, ids: Ints, states: States) -> None:
        """Remember states that are committed."""
        kept = self._sources.get(source_id)
        numbers = states.fields.shape[1]
        if kept is None or kept.numbers != numbers or len(kept.rows) + len(ids) > KEPT:
            kept = self._sources[source_id] = _Kept(numbers)
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
