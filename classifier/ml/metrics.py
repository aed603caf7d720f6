"""Figures of a model on a labelled set; plain numbers that go into JSON as they are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, precision_recall_fscore_support

from classifier.ml.calibration import FLOOR, brier_score, expected_calibration_error
from classifier.ml.decision import exactly_right
from classifier.ml.results import Classification, Example
from classifier.ml.taxonomy import LabelPath, category_text, describe, sub_category_text

Texts = list[str]
SUREST = 0.8  # share of the reports that are decided when the least sure ones are left to people
VIEWS: dict[str, Callable[[Sequence[LabelPath]], str]] = {
    "category": category_text,
    "sub_category": sub_category_text,
    "both": describe,
}


def evaluate(
    classifications: Sequence[Classification], examples: Sequence[Example], paths: Sequence[LabelPath]
) -> dict[str, Any]:
    """Accuracy and macro-F1 by exact string, as the reference system scores it, and calibration figures.

    `paths` starts with the model's paths in the model's order; paths that the model does not know may follow,
    and an example that has one of those counts as wrong. Joined labels ("a or b") are classes of their own;
    macro figures go over the union of true and predicted strings. ValueError without examples.
    """
    if not examples:
        raise ValueError("there is nothing to evaluate: the set holds no labelled report")
    truths = [example.paths for example in examples]
    decided = [classification.decided for classification in classifications]
    right = exactly_right(decided, truths)
    confidence = np.array([classification.confidence for classification in classifications])
    told = {name: (_told(view, truths, paths), _told(view, decided, paths)) for name, view in VIEWS.items()}
    return (
        {"n": len(examples)}
        | label_figures(told)
        | {
            "exact_set": float(right.mean()),
            "exact_set_surest": float(right[np.argsort(-confidence, kind="stable")[: _surest(len(right))]].mean()),
            "ece": expected_calibration_error(confidence, right),
            "brier": brier_score(confidence, right),
            "nll": _nll(classifications, truths),
        }
    )


def _surest(count: int) -> int:
    return max(1, round(SUREST * count))


def label_figures(told: Mapping[str, tuple[Texts, Texts]]) -> dict[str, Any]:
    """The scores of each view of the labels, true and predicted ones, and which categories are taken for which."""
    scores = {name: string_scores(true, predicted) for name, (true, predicted) in told.items()}
    return scores | {"confusion": _confusion(*told["category"])}


def _told(
    view: Callable[[Sequence[LabelPath]], str], chosen: Sequence[Sequence[int]], paths: Sequence[LabelPath]
) -> Texts:
    return [view([paths[index] for index in one]) for one in chosen]


def string_scores(true: Texts, predicted: Texts) -> dict[str, Any]:
    """Accuracy, macro-F1 and per-class figures of predicted strings, over the union of true and predicted ones."""
    labels = sorted({*true, *predicted})
    precision, recall, f1, support = precision_recall_fscore_support(true, predicted, labels=labels, zero_division=0)
    return {
        "accuracy": float(np.mean([a == b for a, b in zip(true, predicted, strict=True)])),
        "macro_f1": float(f1_score(true, predicted, labels=labels, average="macro", zero_division=0)),
        "classes": [
            {"label": label, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
            for label, p, r, f, n in zip(labels, precision, recall, f1, support, strict=True)
        ],
    }


def _confusion(true: Texts, predicted: Texts) -> dict[str, Any]:
    """`counts[i][j]`: reports whose true label is `labels[i]` and whose predicted one is `labels[j]`."""
    labels = sorted({*true, *predicted})
    place = {label: number for number, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(counts, ([place[label] for label in true], [place[label] for label in predicted]), 1)
    return {"labels": labels, "counts": counts.tolist()}


def _nll(classifications: Sequence[Classification], truths: Sequence[Sequence[int]]) -> float:
    """Mean over reports of the mean -log p of their paths; a path unknown to the model has the floor's p."""
    losses = []
    for classification, truth in zip(classifications, truths, strict=True):
        known = classification.probabilities
        picked = [float(known[path]) if path < len(known) else 0.0 for path in truth]
        losses.append(-np.mean(np.log(np.maximum(picked, FLOOR))))
    return float(np.mean(losses))
