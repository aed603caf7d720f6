"""What is kept of each test report."""

import json

import numpy as np
import pytest

from classifier.ml.metrics import evaluate
from classifier.ml.outcomes import Outcomes, paired
from classifier.ml.results import Classification, Example
from classifier.ml.taxonomy import LabelPath

PATHS = (
    LabelPath(("Fraud",), "Vishing"),
    LabelPath(("Attack",), "Malware / worm"),
    LabelPath(("Abuse", "Fraud"), "Loan or app"),
    LabelPath(("Other",)),
)


def said(*decided, confidence=0.75):
    return Classification(np.full(4, 0.25, np.float32), decided, confidence)


@pytest.fixture
def outcomes():
    results = [said(0), said(2, 1, confidence=0.123456789), said(2, confidence=1 / 3), said(0)]
    return Outcomes.of([7, 3, 9, 4], results, [(0,), (1, 2), (0,), (3,)], PATHS)


def test_it_tells_true_and_decided_labels_in_every_view(outcomes):
    assert outcomes.truths("category") == ["Fraud", "Abuse or Attack or Fraud", "Fraud", "Other"]
    assert outcomes.labels("sub_category") == ["Vishing", "Loan or app or Malware / worm", "Loan or app", "Vishing"]
    assert outcomes.labels("both")[0] == "category: Fraud subcategory: Vishing"


def test_right_is_by_set_and_by_view(outcomes):
    assert outcomes.right().tolist() == [True, True, False, False]
    assert outcomes.right("category").tolist() == [True, True, False, False]


def test_it_comes_back_from_json_as_it_was_and_is_small(outcomes):
    stored = json.loads(json.dumps(outcomes.to_json()))
    back = Outcomes.from_json(stored)
    assert back.paths == outcomes.paths
    assert back.truths("both") == outcomes.truths("both")
    assert back.labels("both") == outcomes.labels("both")
    assert back.incident_ids.tolist() == [7, 3, 9, 4]
    assert back.confidence.tolist() == [0.75, 0.12346, 0.33333, 0.75]
    many = Outcomes.of(range(10**6, 10**6 + 2000), [said(0)] * 2000, [(1,)] * 2000, PATHS)
    assert len(json.dumps(many.to_json())) < 2000 * 24


def test_the_figures_can_be_traced_to_it(outcomes):
    results = [said(0), said(2, 1, confidence=0.123456789), said(2, confidence=1 / 3), said(0)]
    examples = [Example("", truth) for truth in [(0,), (1, 2), (0,), (3,)]]
    figures = evaluate(results, examples, PATHS)
    assert outcomes.right().mean() == figures["exact_set"]
    for view in ("category", "sub_category", "both"):
        assert outcomes.right(view).mean() == figures[view]["accuracy"]


def test_pairs_are_the_reports_that_both_have_in_the_order_of_the_first(outcomes):
    other = Outcomes.of([4, 7, 100], [said(3), said(1), said(1)], [(3,), (0,), (1,)], PATHS)
    one, same = paired(outcomes, other)
    assert one.incident_ids.tolist() == same.incident_ids.tolist() == [7, 4]
    assert one.truths("both") == same.truths("both")
    assert (one.right().tolist(), same.right().tolist()) == ([True, False], [False, True])


def test_numbers_that_do_not_go_together_are_refused():
    with pytest.raises(ValueError, match="number"):
        Outcomes.of([1, 2], [said(0)], [(0,)], PATHS)
