"""Two models on the same reports."""

import numpy as np
import pytest

from classifier.ml.metrics import evaluate, string_scores
from classifier.ml.outcomes import Outcomes
from classifier.ml.paired import GAIN, LOSS, SAME, UNDECIDED, compared
from classifier.ml.results import Classification, Example
from classifier.ml.significance import mcnemar
from classifier.ml.taxonomy import LabelPath

PATHS = (
    LabelPath(("Fraud",), "Vishing"),
    LabelPath(("Fraud",), "Cards"),
    LabelPath(("Attack",), "Malware"),
    LabelPath(("Abuse",)),
)


def results(decided):
    return [Classification(np.full(4, 0.25, np.float32), (path,), 0.6) for path in decided]


def outcomes(truth, decided):
    return Outcomes.of(range(len(truth)), results(decided), [(path,) for path in truth], PATHS)


def drawn(seed, n=300, skills=(0.9, 0.6)):
    random = np.random.default_rng(seed)
    truth = random.choice(4, n, p=[0.5, 0.25, 0.15, 0.1])
    return truth, *(np.where(random.random(n) < skill, truth, random.choice(4, n)) for skill in skills)


def test_the_figures_are_those_of_the_evaluation():
    truth, one, other = drawn(1)
    examples = [Example("", (int(path),)) for path in truth]
    figures = [evaluate(results(said), examples, PATHS) for said in (one, other)]
    for view in compared(outcomes(truth, one), outcomes(truth, other)):
        for mine, side, macro in (
            (figures[0], view.one, view.macro_f1.one),
            (figures[1], view.other, view.macro_f1.other),
        ):
            assert side.value == pytest.approx(mine[view.name]["accuracy"])
            assert side.low < side.value < side.high
            assert macro == pytest.approx(mine[view.name]["macro_f1"])
        by_label = {row.label: row for row in view.classes}
        for row in figures[0][view.name]["classes"]:
            pair = by_label[row["label"]]
            assert pair.support == row["support"]
            told = (pair.one.precision.value, pair.one.recall.value, pair.one.f1.value)
            assert told == pytest.approx((row["precision"], row["recall"], row["f1"]))


def test_counts_add_up_and_p_is_mcnemars():
    truth, one, other = drawn(2)
    view = compared(outcomes(truth, one), outcomes(truth, other))[2]
    assert view.both_right + view.gained + view.lost + view.both_wrong == len(truth)
    assert (view.gained, view.lost) == (
        int(((one == truth) & (other != truth)).sum()),
        int(((one != truth) & (other == truth)).sum()),
    )
    assert view.p == mcnemar(view.gained, view.lost)


def test_a_better_model_is_a_gain_and_the_other_way_round_a_loss():
    truth, one, other = drawn(3)
    better, worse = outcomes(truth, one), outcomes(truth, other)
    assert [view.verdict for view in compared(better, worse)] == [GAIN] * 3
    assert [view.macro_f1.verdict for view in compared(better, worse)] == [GAIN] * 3
    assert [view.verdict for view in compared(worse, better)] == [LOSS] * 3


def test_a_model_beside_itself_is_the_same_and_equal_skill_is_undecided():
    truth, one, other = drawn(4, skills=(0.8, 0.8))
    same = compared(outcomes(truth, one), outcomes(truth, one))[2]
    assert (same.verdict, same.macro_f1.verdict, same.p) == (SAME, SAME, 1.0)
    assert {row.verdict for row in same.classes} == {SAME}
    assert compared(outcomes(truth, one), outcomes(truth, other))[2].verdict == UNDECIDED


def test_the_class_that_breaks_is_marked_though_the_whole_is_better():
    """The challenger is better at fraud and has lost malware: what a mean hides."""
    truth = np.array([0] * 100 + [1] * 100 + [2] * 40)
    champion = np.array([1] * 30 + [0] * 70 + [1] * 100 + [2] * 40)
    challenger = np.array([0] * 100 + [1] * 100 + [0] * 25 + [2] * 15)
    view = compared(outcomes(truth, challenger), outcomes(truth, champion))[1]
    verdicts = {row.label: row.verdict for row in view.classes}
    assert view.gained == 30 and view.lost == 25
    assert verdicts["Malware"] == LOSS
    assert verdicts["Cards"] == GAIN


def test_the_p_of_classes_is_corrected_for_their_number():
    truth, one, other = drawn(5)
    rows = compared(outcomes(truth, one), outcomes(truth, other))[1].classes
    assert all(row.p >= mcnemar(row.gained, row.lost) for row in rows)
    assert any(row.p > mcnemar(row.gained, row.lost) for row in rows)


def test_only_models_that_sat_the_same_test_are_compared():
    truth, one, other = drawn(7)
    with pytest.raises(ValueError, match="same test"):
        compared(outcomes(truth, one), outcomes(truth[:-1], other[:-1]))
    with pytest.raises(ValueError, match="same test"):
        compared(outcomes([], []), outcomes([], []))


def test_a_predicted_label_that_nothing_has_is_a_class_of_its_own():
    truth, said = np.array([0, 0, 1, 1]), np.array([0, 3, 1, 1])
    view = compared(outcomes(truth, said), outcomes(truth, truth))[0]
    row = next(row for row in view.classes if row.label == "Abuse")
    assert (row.support, row.one.predicted, row.other.predicted) == (0, 1, 0)
    assert view.macro_f1.one == pytest.approx(
        string_scores(["Fraud"] * 4, ["Fraud", "Abuse", "Fraud", "Fraud"])["macro_f1"]
    )
