"""What was decided of each labelled report, kept so that figures can be traced and compared in pairs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.ml.metrics import VIEWS, label_figures
from classifier.ml.results import Classification
from classifier.ml.taxonomy import LabelPath

DECIMALS = 5  # of a stored confidence
PathSet = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """One row per report, in the order of the test split.

    `truth` and `decided` are numbers of `sets`: sorted positions in `paths`. Reports share few sets of paths, so
    that a row takes some 20 bytes of JSON.
    """

    incident_ids: NDArray[np.int64]  # (N,)
    paths: tuple[LabelPath, ...]
    sets: tuple[PathSet, ...]
    truth: NDArray[np.int64]  # (N,)
    decided: NDArray[np.int64]  # (N,)
    confidence: NDArray[np.float64]  # (N,) calibrated probability that the decided set is exactly right

    @classmethod
    def of(
        cls,
        ids: Sequence[int],
        results: Sequence[Classification],
        truths: Sequence[Sequence[int]],
        paths: Sequence[LabelPath],
    ) -> "Outcomes":
        """`ids`, `results` and `truths` go together; `truths` and the decided paths are positions in `paths`."""
        if not len(ids) == len(results) == len(truths):
            raise ValueError("every report needs its number, its classification and its true paths")
        true = [tuple(sorted(truth)) for truth in truths]
        decided = [tuple(sorted(result.decided)) for result in results]
        used = sorted({path for chosen in (*true, *decided) for path in chosen})
        place = {path: number for number, path in enumerate(used)}
        number: dict[PathSet, int] = {}

        def numbered(sets: list[PathSet]) -> NDArray[np.int64]:
            moved = (tuple(place[path] for path in chosen) for chosen in sets)
            return np.array([number.setdefault(chosen, len(number)) for chosen in moved], np.int64)

        truth, said = numbered(true), numbered(decided)
        confidence = np.round([result.confidence for result in results], DECIMALS)
        chosen_paths = tuple(paths[path] for path in used)
        return cls(np.array(ids, np.int64), chosen_paths, tuple(number), truth, said, confidence)

    def __len__(self) -> int:
        return len(self.incident_ids)

    def truths(self, view: str) -> list[str]:
        """The true label of each report as `category`, `sub_category` or `both` shows it."""
        return self._told(view, self.truth)

    def labels(self, view: str) -> list[str]:
        """The decided label of each report, as `truths`."""
        return self._told(view, self.decided)

    def right(self, view: str = "") -> NDArray[np.bool_]:
        """(N,) whether the decided label is exactly right in a view; without one, whether the set of paths is."""
        if not view:
            exactly: NDArray[np.bool_] = self.truth == self.decided
            return exactly
        words = self._words(view)
        return np.array([words[a] == words[b] for a, b in zip(self.truth, self.decided, strict=True)], bool)

    def taken(self, rows: NDArray[np.int64]) -> "Outcomes":
        """These rows alone, in this order."""
        return Outcomes(
            self.incident_ids[rows],
            self.paths,
            self.sets,
            self.truth[rows],
            self.decided[rows],
            self.confidence[rows],
        )

    def read_as(self, words: Mapping[LabelPath, LabelPath | None]) -> "Outcomes":
        """The same in other words: `words` holds those paths that are called otherwise, or are nothing any more (None).

        Reports are left out of which nothing true is left, and those where nothing is left of what was decided: what
        the model says there without that label, nobody has asked it.
        """
        told = [words.get(path, path) for path in self.paths]
        paths = tuple(sorted({path for path in told if path is not None}))
        place = {path: number for number, path in enumerate(paths)}
        sets = [tuple(sorted({place[path] for one in chosen if (path := told[one])})) for chosen in self.sets]
        number = {chosen: place for place, chosen in enumerate(dict.fromkeys(sets))}
        moved = np.array([number[chosen] for chosen in sets], np.int64)
        left = np.array([bool(chosen) for chosen in sets], bool)
        read = Outcomes(
            self.incident_ids, paths, tuple(number), moved[self.truth], moved[self.decided], self.confidence
        )
        return read.taken(np.flatnonzero(left[self.truth] & left[self.decided]))

    def figures(self) -> dict[str, Any]:
        """Those of `metrics.evaluate` that follow from labels alone; at least one report."""
        told = {view: (self.truths(view), self.labels(view)) for view in VIEWS}
        return {"n": len(self), "exact_set": float(self.right().mean())} | label_figures(told)

    def to_json(self) -> dict[str, Any]:
        return {
            "incidents": self.incident_ids.tolist(),
            "paths": [[list(path.categories), path.sub_category] for path in self.paths],
            "sets": [list(chosen) for chosen in self.sets],
            "truth": self.truth.tolist(),
            "decided": self.decided.tolist(),
            "confidence": self.confidence.tolist(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Outcomes":
        return cls(
            np.array(data["incidents"], np.int64),
            tuple(LabelPath(tuple(categories), sub_category) for categories, sub_category in data["paths"]),
            tuple(tuple(chosen) for chosen in data["sets"]),
            np.array(data["truth"], np.int64),
            np.array(data["decided"], np.int64),
            np.array(data["confidence"], np.float64),
        )

    def _told(self, view: str, numbers: NDArray[np.int64]) -> list[str]:
        words = self._words(view)
        return [words[number] for number in numbers]

    def _words(self, view: str) -> list[str]:
        tell: Callable[[Sequence[LabelPath]], str] = VIEWS[view]
        return [tell([self.paths[path] for path in chosen]) for chosen in self.sets]


def paired(one: Outcomes, other: Outcomes) -> tuple[Outcomes, Outcomes]:
    """The rows of the reports that both have, in the order of the first: what is compared in pairs."""
    _, rows, others = np.intersect1d(one.incident_ids, other.incident_ids, return_indices=True)
    order = np.argsort(rows, kind="stable")
    return one.taken(rows[order]), other.taken(others[order])
