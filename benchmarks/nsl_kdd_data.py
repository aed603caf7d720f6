"""NSL-KDD: connections with 38 numbers and 3 categories, encoded as the stream encodes events without an entity."""

import csv
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.needs import NotRun
from events.stream.features import rarity

TRAIN, TEST = "KDDTrain+_20Percent.txt", "KDDTest+.txt"
CATEGORIES = ("protocol_type", "service", "flag")
COLUMNS = 41
SEEDS = range(5)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Connections:
    """`numbers` (N, 38) raw, `categories` (N, 3) of strings, `attack` (N,)."""

    names: tuple[str, ...]
    numbers: Floats
    categories: NDArray[np.str_]
    attack: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.attack)

    def take(self, places: NDArray[np.intp]) -> "Connections":
        return Connections(self.names, self.numbers[places], self.categories[places], self.attack[places])

    def mixed(self, count: int, share: float, generator: np.random.Generator) -> "Connections":
        """So many connections in random order, this share of them attacks."""
        attacks = round(count * share)
        benign = generator.choice(np.flatnonzero(~self.attack), count - attacks, replace=False)
        hostile = generator.choice(np.flatnonzero(self.attack), attacks, replace=False)
        return self.take(generator.permutation(np.concatenate([benign, hostile])))


@dataclass(frozen=True)
class Encoding:
    """Numbers as they are; of each category how rare its value is among the connections that are learned from."""

    counts: tuple[Counter[str], ...]
    total: int

    @classmethod
    def of(cls, learned: Connections) -> "Encoding":
        return cls(tuple(Counter(column.tolist()) for column in learned.categories.T), len(learned))

    def rows(self, asked: Connections) -> Floats:
        """(N, 41)."""
        columns = [
            [rarity(counts[value], self.total) for value in column.tolist()]
            for counts, column in zip(self.counts, asked.categories.T, strict=True)
        ]
        return np.column_stack([asked.numbers, *columns])

    @staticmethod
    def names(asked: Connections) -> tuple[str, ...]:
        return (*asked.names, *(f"{name}:rarity" for name in CATEGORIES))


def load(file: str) -> Connections:
    folder = Path(os.environ.get("CASELOOP_DATA", "")) / "nsl_kdd"
    if not (folder / file).is_file():
        raise NotRun(f"{folder / file} is missing: set CASELOOP_DATA")
    with (folder / "field_names.csv").open(encoding="utf-8") as lines:
        names = [row[0] for row in csv.reader(lines)][:COLUMNS]
    with (folder / file).open(encoding="utf-8") as lines:
        table = np.array(list(csv.reader(lines)))
    numeric = [place for place, name in enumerate(names) if name not in CATEGORIES]
    numbers, categories = table[:, numeric].astype(float), table[:, [names.index(name) for name in CATEGORIES]]
    return Connections(tuple(names[place] for place in numeric), numbers, categories, table[:, COLUMNS] != "normal")
