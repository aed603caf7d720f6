"""Detectors: how unusual an event is among recent ones of its source, and why.

A trained one scores by an Isolation Forest over what its scaling makes of raw units, and explains by the tails that
ECOD finds; before there are events enough for training, ECOD alone scores. Averaging both does not pay.
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
from events.stream.detector_judge import Judge, checked
from events.stream.detector_scaling import Scaling
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
        rows, names = checked(rows, names, exclude)
        scaling = Scaling.fit(rows)
        squeezed = scaling.squeezed(rows)
        forest = FlatForest.fit(squeezed, seed)
        return cls(names, scaling, Ecod.fit(rows), np.sort(forest.score(squeezed)), forest)

    def score(self, rows: Floats) -> Floats:
        return self.forest.score(self.scaling.squeezed(self.aligned(rows)))

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
            scaling, reference = Scaling(arrays["medians"], arrays["distances"]), arrays["scores"]
        return cls(tuple(state["names"]), scaling, ecod, reference, FlatForest.load(folder / "forest.npz"))

    def _write(self, folder: Path) -> None:
        (folder / "detector.json").write_text(json.dumps({"names": self.names}, ensure_ascii=False), "utf-8")
        points, ranks, counts = self.ecod.points, self.ecod.ranks, self.ecod.counts
        np.savez(
            folder / "reference.npz", points=points, ranks=ranks, counts=counts, medians=self.scaling.medians,
            distances=self.scaling.distances, scores=self.reference,
        )  # fmt: skip
        self.forest.save(folder / "forest.npz")


@dataclass(frozen=True, eq=False)
class ColdStart(Judge):
    """Made in a moment from a few hundred rows, and not kept."""

    @classmethod
    def fit(cls, rows: Floats, names: Sequence[str], exclude: NDArray[np.bool_] | None = None) -> "ColdStart":
        """As for a detector."""
        rows, names = checked(rows, names, exclude)
        scaling, ecod = Scaling.fit(rows), Ecod.fit(rows)
        return cls(names, scaling, ecod, np.sort(ecod.score(scaling.filled(rows))))

    def score(self, rows: Floats) -> Floats:
        return self.ecod.score(self.scaling.filled(self.aligned(rows)))
