"""Figures of a model on a labelled file that it has not seen, scored on exact strings as the reference does."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from classifier.ml.calibration import expected_calibration_error
from classifier.ml.metrics import string_scores
from classifier.services.answers import Answer, Answerer

CHUNK = 256  # rows


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text as the model reads it, and its true labels: sorted, joined by " or "."""

    text: str
    category: str
    sub_category: str


Labels = tuple[str, str]
_VIEWS: dict[str, Callable[[Labels], str]] = {
    "category": lambda labels: labels[0],
    "sub_category": lambda labels: labels[1],
    "both": lambda labels: f"category: {labels[0]} subcategory: {labels[1]}",
}


def held_out_figures(
    answerer: Answerer, rows: Iterable[LabelledText], told: Callable[[int], object]
) -> dict[str, Any] | None:
    """Accuracy, macro-F1, calibration error and speed; None for no rows. Texts are held only a chunk at a time.

    Labels that the model does not know are simply never right. `told` hears how many rows are done. The time is
    that of the model, without reading and scoring.
    """
    truths: list[Labels] = []
    answers: list[Answer] = []
    seconds, source = 0.0, iter(rows)
    while chunk := list(islice(source, CHUNK)):
        started = time.perf_counter()
        answers += answerer.answers([row.text for row in chunk])
        seconds += time.perf_counter() - started
        truths += [(row.category, row.sub_category) for row in chunk]
        told(len(truths))
    return _figures(truths, answers, seconds) if truths else None


def _figures(truths: Sequence[Labels], answers: Sequence[Answer], seconds: float) -> dict[str, Any]:
    predicted = [(answer.category, answer.sub_category) for answer in answers]
    views = {
        name: string_scores([view(one) for one in truths], [view(one) for one in predicted])
        for name, view in _VIEWS.items()
    }
    right = np.array([truth == guess for truth, guess in zip(truths, predicted, strict=True)])
    return {
        **{name: {key: figures[key] for key in ("accuracy", "macro_f1")} for name, figures in views.items()},
        "ece": expected_calibration_error(np.array([answer.confidence for answer in answers]), right),
        "n": len(truths),
        "seconds": round(seconds, 4),
        "reports_per_second": round(len(truths) / seconds, 2) if seconds else 0.0,
    }
