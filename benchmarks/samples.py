"""Synthetic reports, the default taxonomy, and classifiers over it with random weights of a published shape."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from benchmarks.shapes import random_t5
from classifier.ml.bases import PROMPT
from classifier.ml.scratch import label_tokens
from classifier.ml.t5 import T5Classifier
from classifier.ml.taxonomy import LabelPath
from classifier.ml.vocabulary import Tokenizer, train_vocabulary
from incidents.demo.reports import generate_reports
from incidents.demo.taxonomy import load_taxonomy

FIRST_LABEL = 20_000  # ids above those of the vocabulary, for tokens of labels
LONG_WORD = 8  # letters from which a vocabulary of 32,000 English pieces often needs two


@cache
def reports() -> tuple[str, ...]:
    return tuple(report.text for report in generate_reports())


@cache
def vocabulary() -> bytes:
    return train_vocabulary(reports(), 8_000)


def texts_of(tokens: int, count: int) -> list[str]:
    """Texts of at least so many tokens, reports in a row, for a tokenizer that cuts them to size."""
    least = tokens // 10 + 2  # so many reports in a row never average fewer than 10 tokens
    pool = reports()
    return [" ".join(pool[(number * least + k) % len(pool)] for k in range(least)) for number in range(count)]


def default_paths() -> tuple[LabelPath, ...]:
    """40 paths in 15 categories."""
    rows = load_taxonomy().rows
    return tuple(dict.fromkeys(LabelPath.of([category], sub_category) for category, sub_category in rows))


def two_tokens(paths: Sequence[LabelPath]) -> list[tuple[int, ...]]:
    return label_tokens(paths, FIRST_LABEL)[0]


def label_texts(paths: Sequence[LabelPath]) -> list[tuple[int, ...]]:
    """The texts spelled as T5's own vocabulary would about do: a piece a word, two for a long one, one a mark."""
    pieces: dict[str, int] = {}
    return [tuple(pieces.setdefault(p, FIRST_LABEL + len(pieces)) for p in _spelled(path.key)) for path in paths]


def classifier_of(model: Any, labels: Sequence[tuple[int, ...]], tokens: int, prompt: str = PROMPT) -> T5Classifier:
    """Cuts texts to `tokens`, prompt and end included."""
    return T5Classifier(model, False, Tokenizer(vocabulary(), prompt, tokens), labels)


def random_classifier(shape: str, tokens: int, **changed: int) -> T5Classifier:
    """Two-token labels over the default taxonomy."""
    return classifier_of(random_t5(shape, **changed), two_tokens(default_paths()), tokens)


def _spelled(text: str) -> list[str]:
    words = re.findall(r"\w+|[^\w\s]", text)
    halves = ((word,) if len(word) < LONG_WORD else (word[: len(word) // 2], word[len(word) // 2 :]) for word in words)
    return [half for pair in halves for half in pair]
