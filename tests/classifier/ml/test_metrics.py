import json

import numpy as np
import pytest

from classifier.ml.metrics import evaluate
from classifier.ml.results import Classification, Example
from tests.classifier.ml.conftest import PATHS


def certain(*decided: int, confidence: float = 1.0) -> Classification:
    probabilities = np.zeros(5, np.float32)
    probabilities[list(decided)] = 1 / len(decided)
    return Classification(probabilities, decided, confidence)


def test_the_figures_match_a_count_by_hand():
    examples = [Example("a", (0,)), Example("b", (1,)), Example("c", (2,)), Example("d", (0, 1))]
    figures = evaluate([certain(0), certain(0), certain(2), certain(1, 0)], examples, PATHS)
    assert figures["n"] == 4
    assert figures["category"]["accuracy"] == 1.0  # Phishing for Card is still Fraud
    assert figures["sub_category"]["accuracy"] == 0.75
    assert figures["both"]["accuracy"] == figures["exact_set"] == 0.75
    # Phishing: precision 1/2, recall 1; Card: never predicted; Malware and "Card or Phishing" perfect
    assert figures["sub_category"]["macro_f1"] == pytest.approx((2 / 3 + 0 + 1 + 1) / 4)
    assert figures["confusion"] == {"labels": ["Attack", "Fraud"], "counts": [[1, 0], [0, 3]]}


def test_a_predicted_string_that_never_occurs_counts_as_a_class():
    figures = evaluate([certain(0, 2)], [Example("a", (0,))], PATHS)
    assert [row["label"] for row in figures["category"]["classes"]] == ["Attack or Fraud", "Fraud"]
    assert figures["category"]["macro_f1"] == 0.0


def test_a_label_that_the_model_does_not_know_counts_as_wrong():
    figures = evaluate([Classification(np.array([0.9, 0.1], np.float32), (0,), 0.9)], [Example("a", (4,))], PATHS)
    assert figures["both"]["accuracy"] == 0.0
    assert 20 < figures["nll"] < 30


def test_confidence_that_is_right_as_often_as_it_says_has_no_calibration_error():
    examples = [Example("a", (0,))] * 4
    rows = [certain(0, confidence=0.75)] * 3 + [certain(1, confidence=0.75)]
    figures = evaluate(rows, examples, PATHS)
    assert figures["ece"] == pytest.approx(0)
    assert figures["brier"] == pytest.approx(0.1875)


def test_figures_are_plain_numbers():
    figures = evaluate([certain(0), certain(3)], [Example("a", (0,)), Example("b", (4,))], PATHS)
    assert json.loads(json.dumps(figures)) == figures


def test_nothing_to_evaluate_is_an_error():
    with pytest.raises(ValueError, match="no labelled report"):
        evaluate([], [], PATHS)
