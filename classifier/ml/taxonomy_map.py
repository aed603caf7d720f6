"""How what was said in an earlier taxonomy reads today: the fold of its steps, over paths and over distributions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

LIVE, MERGED, DIVIDED, RETIRED = "live", "merged", "divided", "retired"
GONE = -1  # the place of a path that reads as nothing
Named = tuple[str, int]  # a kind of name, and the number of what has it
EDGE = 1e-6  # odds are not taken closer to certainty than this


@dataclass(frozen=True)
class Step:
    """What one step did to paths, by their numbers.

    opens: path -> the path that it was cut from, which it reads as where the step is undone (None: nothing).
    closes: path -> its state from then on, and for MERGED the path that takes its place.
    names: what got another name, with the one that it had and the one that it got.
    """

    pk: int
    opens: Mapping[int, int | None] = field(default_factory=dict)
    closes: Mapping[int, tuple[str, int | None]] = field(default_factory=dict)
    undoes: int | None = None
    names: Mapping[Named, tuple[str, str]] = field(default_factory=dict)


def standing(steps: Sequence[Step]) -> list[Step]:
    """The steps that no standing step undoes, in their order; an undone undoing brings its step back."""
    undone: set[int] = set()
    for step in sorted(steps, key=lambda one: one.pk, reverse=True):
        if step.undoes is not None and step.pk not in undone:
            undone.add(step.undoes)
    return [step for step in sorted(steps, key=lambda one: one.pk) if step.pk not in undone]


def fold_steps(steps: Sequence[Step]) -> dict[int, tuple[str, int | None]]:
    """The state of every path that steps speak of, and for MERGED the path that it reads as in the end.

    That one is live or divided: what was merged into a retired path is retired. Paths of no step are live.
    """
    states: dict[int, tuple[str, int | None]] = {}
    for step in steps:
        states = dict.fromkeys(step.closes, (LIVE, None)) | states
        for path, origin in step.opens.items():
            states[path] = (RETIRED, None) if origin is None else (MERGED, origin)
    for step in standing(steps):
        states |= dict.fromkeys(step.opens, (LIVE, None))
        states |= step.closes
    return {path: _settled(path, states) for path in states}


def fold_names(steps: Sequence[Step], until: int | None = None) -> dict[Named, str]:
    """What everything that these steps ever rename is called after them, or after those up to the number `until`."""
    taken = [step for step in steps if until is None or step.pk <= until]
    valid = {step.pk for step in standing(taken)}
    names: dict[Named, str] = {}
    for step in sorted(steps, key=lambda one: one.pk):
        for named, (was, now) in step.names.items():
            names.setdefault(named, was)
            if step.pk in valid:
                names[named] = now
    return names


def reading_of(steps: Sequence[Step]) -> "Reading":
    """How paths read after these steps and no others."""
    states = fold_steps(steps)
    return Reading(
        {path: into for path, (state, into) in states.items() if state in (MERGED, RETIRED)},
        frozenset(path for path, (state, _into) in states.items() if state == DIVIDED),
    )


def _settled(path: int, states: Mapping[int, tuple[str, int | None]]) -> tuple[str, int | None]:
    seen = {path}
    state, into = states[path]
    while state == MERGED and into is not None and into in states:
        following = states[into]
        if following[0] == RETIRED:
            return RETIRED, None
        if following[0] != MERGED:
            break
        if into in seen:
            raise ValueError(f"path {path} is merged into itself")
        seen.add(into)
        into = following[1]
    return state, into


@dataclass(frozen=True)
class Reading:
    """What numbers of paths read as today: `changed` holds those that do not read as themselves (None: as nothing)."""

    changed: Mapping[int, int | None] = field(default_factory=dict)
    divided: frozenset[int] = frozenset()  # read as themselves, and nobody chooses them any more

    def of(self, path: int) -> int | None:
        return self.changed.get(path, path)

    def ids(self, paths: Iterable[int]) -> list[int]:
        """Each path once, in the order of first mention."""
        return list(dict.fromkeys(now for path in paths if (now := self.of(path)) is not None))

    def map_of(self, paths: Sequence[int]) -> "TaxonomyMap | None":
        """The map of a distribution over `paths`; None where all of them read as themselves, or none as anything."""
        if not any(path in self.changed for path in paths):
            return None
        order = self.ids(paths)
        place = {path: number for number, path in enumerate(order)} | {None: GONE}
        return TaxonomyMap(tuple(place[self.of(path)] for path in paths), tuple(order)) if order else None


@dataclass(frozen=True)
class TaxonomyMap:
    """From a distribution over P earlier paths to one over the Q paths of `order`: merged ones add up, and what lay on
    retired ones is shared out in proportion to the others.
    """

    places: tuple[int, ...]  # (P,) place in `order`, GONE for a retired path
    order: tuple[int, ...]  # (Q,) numbers of the present paths, at least one

    def sums(self, probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
        """(N, P) -> (N, Q), without what lay on retired paths."""
        matrix = np.zeros((len(self.places), len(self.order)))
        kept = [row for row, place in enumerate(self.places) if place != GONE]
        matrix[kept, [self.places[row] for row in kept]] = 1.0
        result: NDArray[np.float64] = probabilities.astype(np.float64) @ matrix
        return result

    def spread(self, probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
        """(N, P) -> (N, Q), rows adding up to 1. A row that lay on retired paths alone is spread evenly."""
        sums = self.sums(probabilities)
        kept = sums.sum(axis=1, keepdims=True)
        even = np.full_like(sums, 1 / len(self.order))
        return np.where(kept > EDGE, sums / np.maximum(kept, EDGE), even)

    def retired(self, probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
        """(N, P) -> (N,) the share that lay on retired paths."""
        result: NDArray[np.float64] = np.clip(1 - self.sums(probabilities).sum(axis=1), 0, 1)
        return result

    def sources(self, place: int) -> list[int]:
        """The earlier paths, by place, that read as this one."""
        return [row for row, target in enumerate(self.places) if target == place]


@dataclass(frozen=True, eq=False)
class Today:
    """A distribution as it reads today."""

    order: Sequence[int]  # numbers of the present paths
    chances: NDArray[np.float64]  # of each, adding up to 1
    retired: float = 0.0  # the share that lay on retired paths and was shared out among the others

    def chance(self, paths: Iterable[int]) -> float:
        """Of all these together; those that are not there have none."""
        place = {path: number for number, path in enumerate(self.order)}
        return float(sum(self.chances[place[path]] for path in paths if path in place))


def read_today(paths: Sequence[int], probabilities: NDArray[np.floating], reading: Reading) -> Today:
    """(P,) over `paths` as it reads by `reading`."""
    found = reading.map_of(paths)
    if found is None:
        return Today(paths, probabilities.astype(np.float64))
    row = probabilities[None]
    return Today(found.order, found.spread(row)[0], float(found.retired(row)[0]))


def decided_today(decided: Iterable[int], today: Today, reading: Reading) -> list[int]:
    """What was decided, as it reads today, most probable first. Another path that has become the most probable, as
    where two were merged, takes its place: the top path is always decided.
    """
    chance = dict(zip(today.order, today.chances.tolist(), strict=True))
    top = max(today.order, key=lambda path: chance[path])
    kept = [path for path in reading.ids(decided) if path in chance]
    return sorted(kept, key=lambda path: -chance[path]) if top in kept else [top]


def carried_over(confidence: float, before: float, after: float) -> float:
    """The confidence of a decision whose probability mass went from `before` to `after` by a change of the taxonomy.

    Its log-odds move as those of the mass do, as in `calibration.Confidence` with its default weights.
    """
    if before == after:
        return confidence
    chances = np.clip([confidence, after, before], EDGE, 1 - EDGE)
    odds = np.log(chances / (1 - chances))
    return float(1 / (1 + np.exp(odds[2] - odds[0] - odds[1])))
