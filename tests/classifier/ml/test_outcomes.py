"""What is kept of each test report."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


chosen = st.sets(st.integers(0, 3), min_size=1, max_size=3).map(lambda some: tuple(sorted(some)))
reports = st.lists(st.tuples(chosen, chosen), min_size=1, max_size=20)


def made(rows):
    return Outcomes.of(range(len(rows)), [said(*decided) for _, decided in rows], [truth for truth, _ in rows], PATHS)


def renamed(path):
    return LabelPath.of([f"{name} anew" for name in path.categories], path.sub_category)


def without_words(view):
    rows = sorted((row["support"], row["precision"], row["recall"], row["f1"]) for row in view["classes"])
    return view["accuracy"], rows, pytest.approx(view["macro_f1"])


@settings(max_examples=25)  # scikit-learn takes its time
@given(reports)
def test_other_names_change_no_figure(rows):
    kept = made(rows)
    read = kept.read_as({path: renamed(path) for path in PATHS})
    assert read.right().tolist() == kept.right().tolist()
    assert read.truths("category") == [label_anew(text) for text in kept.truths("category")]
    for view in ("category", "sub_category", "both"):
        assert without_words(read.figures()[view]) == without_words(kept.figures()[view])
    back = read.read_as({renamed(path): path for path in PATHS})
    assert back.truths("both") == kept.truths("both") and back.labels("both") == kept.labels("both")


def label_anew(text):
    return " or ".join(f"{name} anew" for name in text.split(" or "))


@given(reports, st.permutations(range(4)))
def test_where_labels_became_one_no_report_is_lost_and_none_becomes_wrong(rows, order):
    kept, (gone, into, *_) = made(rows), [PATHS[number] for number in order]
    read = kept.read_as({gone: into})
    assert read.incident_ids.tolist() == kept.incident_ids.tolist()
    assert (read.right() >= kept.right()).all()
    assert gone not in read.paths


@given(reports, st.integers(0, 3))
def test_of_a_label_that_is_none_any_more_nothing_is_left(rows, number):
    kept, gone = made(rows), PATHS[number]
    read = kept.read_as({gone: None})
    left = [place for place, (truth, decided) in enumerate(rows) if {*truth} - {number} and {*decided} - {number}]
    assert read.incident_ids.tolist() == left and gone not in read.paths


def test_figures_of_outcomes_are_those_of_the_measurement(outcomes):
    results = [said(0), said(2, 1, confidence=0.123456789), said(2, confidence=1 / 3), said(0)]
    figures = evaluate(results, [Example("", truth) for truth in [(0,), (1, 2), (0,), (3,)]], PATHS)
    assert outcomes.figures() == {name: figures[name] for name in outcomes.figures()}
