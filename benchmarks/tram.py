"""TRAM: sentences of public threat reports with ATT&CK tactics and techniques, split by document."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.ml.config import TrainingData
from classifier.ml.results import Example
from classifier.ml.taxonomy import JOINER, LabelPath, category_text, describe, sub_category_text

TEST_SHARE, VALIDATION_SHARE = 0.2, 0.15  # of the documents


class DataMissing(Exception):
    """CASELOOP_DATA names no folder with the data."""


@dataclass(frozen=True)
class Split:
    """One seed's documents: a frozen dataset to train on, and what is tested."""

    data: TrainingData
    test: tuple[Example, ...]

    @property
    def known(self) -> tuple[Example, ...]:
        return (*self.data.train, *self.data.validation)


@dataclass(frozen=True)
class Tram:
    """Reports with their document as group, over the paths that occur."""

    paths: tuple[LabelPath, ...]
    examples: tuple[Example, ...]

    def split(self, seed: int) -> Split:
        documents = sorted({example.group for example in self.examples})
        order = np.random.default_rng(seed).permutation(len(documents))
        tested = round(TEST_SHARE * len(documents))
        held = tested + round(VALIDATION_SHARE * len(documents))
        side = {documents[place]: (rank >= tested) + (rank >= held) for rank, place in enumerate(order)}
        test, validation, train = ([e for e in self.examples if side[e.group] == number] for number in range(3))
        return Split(TrainingData(self.paths, tuple(train), tuple(validation)), tuple(test))

    def strings(self, examples: Sequence[Example], view: str) -> list[str]:
        """The labels as one string each, as the reference system scores them: "category", "sub_category" or "both"."""
        return self.decided_strings([example.paths for example in examples], view)

    def decided_strings(self, decided: Sequence[Sequence[int]], view: str) -> list[str]:
        text = {"category": category_text, "sub_category": sub_category_text, "both": describe}[view]
        return [text([self.paths[index] for index in chosen]) for chosen in decided]


def load() -> Tram:
    """Raises DataMissing."""
    folder = os.environ.get("CASELOOP_DATA", "")
    file = Path(folder) / "tram" / "sentences.csv"
    if not folder or not file.is_file():
        raise DataMissing("CASELOOP_DATA names no folder with tram/sentences.csv")
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    implied = {row["sub_category"]: row["category"].split(JOINER) for row in rows if JOINER not in row["sub_category"]}
    labels = [
        tuple(
            LabelPath.of(implied.get(name, row["category"].split(JOINER)), name)
            for name in row["sub_category"].split(JOINER)
        )
        for row in rows
    ]
    paths = tuple(sorted({path for chosen in labels for path in chosen}))
    place = {path: number for number, path in enumerate(paths)}
    return Tram(
        paths,
        tuple(
            Example(row["text"], tuple(sorted(place[path] for path in chosen)), row["document"])
            for row, chosen in zip(rows, labels, strict=True)
        ),
    )
