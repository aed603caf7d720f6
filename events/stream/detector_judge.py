"""What the two judges of events share: rows put in order, scores compared with those of recent traffic."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from events.stream.detector_scaling import Scaling, finite
from events.stream.detector_words import Deviation, deviations
from events.stream.ecod import Ecod, Floats

GROWING = frozenset({"entity:events"})


@dataclass(frozen=True, eq=False)
class Alignment:
    """Brings rows of other features into a judge's order; what they lack is missing."""

    columns: NDArray[np.intp]  # of the rows, or the one past their last

    def __call__(self, rows: Floats) -> Floats:
        """(N, G) -> (N, F)."""
        missing = np.full((len(rows), 1), np.nan)
        aligned: Floats = np.concatenate([rows, missing], axis=1)[:, self.columns]
        return aligned


@dataclass(frozen=True, eq=False)
class Judge:
    """Rows are (N, F) float64 in raw units, in the order of `names`; NaN is what an event lacks."""

    names: tuple[str, ...]
    scaling: Scaling
    ecod: Ecod
    reference: Floats  # sorted scores of the rows that it was fitted on

    def score(self, rows: Floats) -> Floats:
        """(N, F) -> (N,) from 0 to 1; higher is more unusual."""
        raise NotImplementedError

    def align(self, names: Sequence[str]) -> Alignment:
        """For rows whose columns have these names."""
        places = {name: number for number, name in enumerate(names)}
        return Alignment(np.array([places.get(name, len(names)) for name in self.names], np.intp))

    def percentiles(self, scores: Floats) -> Floats:
        """(N,) in [0, 100]: the share of the rows that it was fitted on that are less unusual."""
        shares: Floats = np.searchsorted(self.reference, scores) / len(self.reference) * 100
        return shares

    def threshold(self, budget: float) -> float:
        """The lowest score of the reference that no more than this share of it exceeds. Alerts are strictly above."""
        if not 0 < budget < 1:
            raise ValueError(f"an alert budget is a share between 0 and 1, not {budget}")
        exceeding = int(budget * len(self.reference))
        return float(self.reference[len(self.reference) - 1 - exceeding])

    def explain(self, row: Floats, kind: str) -> list[Deviation]:
        """(F,) -> what is in a tail of at most 5 %, the smallest first, a field once. Empty: only together unusual.

        `kind` is the field that names the entity: user.name, source.ip, ...
        """
        left, right = self.ecod.tails(row[None, :])
        return deviations(self.names, row, left[0], right[0], self.ecod.counts, kind)

    def aligned(self, rows: Floats) -> Floats:
        """The rows; ValueError where they have not one column per feature."""
        if rows.ndim != 2 or rows.shape[1] != len(self.names):
            raise ValueError(f"rows of shape {rows.shape} do not have the {len(self.names)} features: align them first")
        return rows


def checked(rows: Floats, names: Sequence[str], exclude: NDArray[np.bool_] | None) -> tuple[Floats, tuple[str, ...]]:
    """The rows to fit on, and their names; ValueError where there are no two, or other names than columns.

    What only ever grows is left out: soon every event would lie beyond all that were learnt from.
    """
    rows = np.asarray(rows, np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(names) or not names:
        raise ValueError(f"{len(names)} names for rows of shape {rows.shape}: give one name per column, at least one")
    if len(set(names)) < len(names):
        raise ValueError("two features have the same name: name each differently")
    kept = rows if exclude is None else rows[~exclude]
    if len(kept) < 2:
        raise ValueError(f"{len(kept)} rows are left to learn from; a judge of events needs at least two")
    compared = [place for place, name in enumerate(names) if name not in GROWING] or list(range(len(names)))
    return finite(kept[:, compared]), tuple(names[place] for place in compared)
