"""Detectors: how unusual an event is among recent ones of its source, and why.

A trained one scores by an Isolation Forest over signed logarithms of raw units and explains by the tails that ECOD
finds; before there are events enough for training, ECOD alone scores. Averaging both does not pay.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.ml.artifact import DETECTOR, Manifest, open_artifact, write_artifact
from classifier.ml.forest import FlatForest
from events.stream.detector_judge import Judge, checked, medians_of
from events.stream.detector_words import Deviation
from events.stream.ecod import Ecod, Floats

__all__ = ["ColdStart", "Detector", "Deviation"]


@dataclass(frozen=True, eq=False)
class Detector(Judge):
    """Trained on thousands of rows of a source; kept as an artefact."""

    forest: FlatForest

    @classmethod
    def fit(cls, rows: Floats, names: Sequence[str], seed: int, exclude: NDArray[np.bool_] | None = None) -> "Detector":
        """On (N, F) rows, N at least 2; `exclude` (N,) marks confirmed threats, and nothing else is left out: a
        detector that forgets what it flagged itself finds more and more to flag. ValueError for other shapes."""
        rows = checked(rows, names, exclude)
        medians = medians_of(rows)
        logarithms = _logarithms(np.where(np.isnan(rows), medians, rows))
        forest = FlatForest.fit(logarithms, seed)
        return cls(tuple(names), medians, Ecod.fit(rows), np.sort(forest.score(logarithms)), forest)

    def score(self, rows: Floats) -> Floats:
        return self.forest.score(_logarithms(self.filled(rows)))

    def save(
        self, folder: Path, *, dataset_hash: str, code_version: str, metrics: dict[str, Any] | None = None
    ) -> Manifest:
        """Writes an artefact; FileExistsError if the folder exists."""
        manifest = Manifest(DETECTOR, (), "", dataset_hash, code_version, metrics or {})
        return write_artifact(folder, manifest, self._write)

    @classmethod
    def load(cls, folder: Path) -> "Detector":
        """Raises ArtifactMissing, ArtifactIncompatible or ArtifactCorrupt."""
        open_artifact(folder, DETECTOR)
        state = json.loads((folder / "detector.json").read_text("utf-8"))
        with np.load(folder / "reference.npz", allow_pickle=False) as arrays:
            ecod = Ecod(arrays["points"], arrays["ranks"], arrays["counts"])
            medians, reference = arrays["medians"], arrays["scores"]
        return cls(tuple(state["names"]), medians, ecod, reference, FlatForest.load(folder / "forest.npz"))

    def _write(self, folder: Path) -> None:
        (folder / "detector.json").write_text(json.dumps({"names": self.names}, ensure_ascii=False), "utf-8")
        points, ranks, counts = self.ecod.points, self.ecod.ranks, self.ecod.counts
        np.savez(
            folder / "reference.npz", points=points, ranks=ranks, counts=counts, medians=self.medians,
            scores=self.reference,
        )  # fmt: skip
        self.forest.save(folder / "forest.npz")


@dataclass(frozen=True, eq=False)
class ColdStart(Judge):
    """Made in a moment from a few hundred rows, and not kept."""

    @classmethod
    def fit(cls, rows: Floats, names: Sequence[str], exclude: NDArray[np.bool_] | None = None) -> "ColdStart":
        """As for a detector."""
        rows = checked(rows, names, exclude)
        medians, ecod = medians_of(rows), Ecod.fit(rows)
        return cls(tuple(names), medians, ecod, np.sort(ecod.score(np.where(np.isnan(rows), medians, rows))))

    def score(self, rows: Floats) -> Floats:
        return self.ecod.score(self.filled(rows))


def _logarithms(rows: Floats) -> NDArray[np.float32]:
    """Signed: a forest cuts a range evenly, and bytes and durations would give all cuts to their largest values."""
    return np.asarray(np.copysign(np.log1p(np.abs(rows)), rows), np.float32)
