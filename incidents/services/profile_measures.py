"""The measuring behind a data profile: texts are looked at in chunks, and a few numbers of each are kept."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from incidents.labels import clean_label

CHUNK = 10_000  # texts in memory at once
_NOT_LETTERS = r"[\W\d_]+"


@dataclass(frozen=True, slots=True)
class Sample:
    """A report's text and its label cells; empty where missing."""

    text: str
    category: str = ""
    sub_category: str = ""


@dataclass(frozen=True)
class Measured:
    """`rows` holds one row per sample: text and wording (64-bit hashes; wording is blind to case, blanks, digits and
    punctuation), characters, words, cells (a number per combination of label cells); `cells` names those."""

    rows: pd.DataFrame
    cells: tuple[tuple[str, str], ...]

    def count_cells(self) -> Counter[tuple[str, str]]:
        """How often each combination of label cells occurs."""
        codes, counts = np.unique(self.rows["cells"].to_numpy(), return_counts=True)
        return Counter({self.cells[code]: int(count) for code, count in zip(codes, counts, strict=True)})


def measure(samples: Iterable[Sample]) -> Measured:
    """Measure samples in bounded memory: 28 bytes a sample stay."""
    codes: dict[tuple[str, str], int] = {}
    empty = _measure_chunk([], codes)
    frames = [_measure_chunk(chunk, codes) for chunk in _chunks(samples)]
    return Measured(pd.concat([empty, *frames], ignore_index=True), tuple(codes))


def _chunks(samples: Iterable[Sample]) -> Iterator[list[Sample]]:
    waiting = iter(samples)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk


def _measure_chunk(samples: list[Sample], codes: dict[tuple[str, str], int]) -> pd.DataFrame:
    texts = pd.Series([_comparable(sample.text) for sample in samples], dtype="object")
    wording = texts.str.lower().str.replace(_NOT_LETTERS, "", regex=True)
    cells = [
        codes.setdefault((clean_label(sample.category), clean_label(sample.sub_category)), len(codes))
        for sample in samples
    ]
    return pd.DataFrame(
        {
            "text": pd.util.hash_array(texts.to_numpy(), categorize=False),
            "wording": pd.util.hash_array(wording.to_numpy(), categorize=False),
            "characters": texts.str.len().astype("int32"),
            "words": texts.str.count(r"\S+").astype("int32"),
            "cells": pd.Series(cells, dtype="int32"),
        }
    )


def _comparable(text: str) -> str:
    """A text as it would be stored; see `incidents.texts.clean_text`."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
