import numpy as np
import pytest

from classifier.ml.conformal import LabelSets, coverage_of

PATHS = 8


def reports(count, seed):
    """Distributions over eight labels, and truths drawn from flatter ones: the model is too sure of itself."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (count, PATHS))
    said, true = np.exp(2 * logits), np.exp(logits)
    said, true = said / said.sum(1, keepdims=True), true / true.sum(1, keepdims=True)
    return said, [(int(random.choice(PATHS, p=row)),) for row in true]


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
def test_the_promise_holds_on_fresh_reports_although_the_model_is_too_sure(coverage):
    sets = LabelSets.fit(*reports(2000, seed=1))
    probabilities, truths = reports(4000, seed=2)
    assert coverage_of(sets.of(probabilities, coverage), truths) == pytest.approx(coverage, abs=0.02)


def test_more_is_promised_with_larger_sets():
    sets = LabelSets.fit(*reports(500, seed=1))
    probabilities, _ = reports(200, seed=2)
    sizes = [np.mean([len(row) for row in sets.of(probabilities, coverage)]) for coverage in (0.6, 0.8, 0.95)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


def test_labels_stand_most_probable_first_and_never_none():
    sets = LabelSets((0.05, 0.1, 0.4))
    assert sets.of(np.array([[0.2, 0.7, 0.1], [0.4, 0.3, 0.3]]), 0.75) == [(1,), (0,)]
    assert sets.of(np.array([[0.05, 0.35, 0.6]]), 0.5) == [(2,)]


def test_all_labels_of_a_report_must_be_in_the_set():
    sets = LabelSets.fit(np.array([[0.6, 0.3, 0.1]] * 9), [(0, 1)] * 9)
    assert sets.lowest(0.9) == pytest.approx(0.3)
    assert coverage_of([(0,), (1, 0, 2)], [(0, 1), (0, 1)]) == 0.5


@pytest.mark.parametrize("scores", [(), (0.1,) * 8])
def test_too_few_reports_promise_nothing_but_every_label(scores):
    assert LabelSets(scores).of(np.array([[0.9, 0.1, 0.0]]), 0.9) == [(0, 1, 2)]


@pytest.mark.parametrize("coverage", [0, 1, -0.1, 90])
def test_a_coverage_that_is_no_share_is_refused(coverage):
    with pytest.raises(ValueError, match="between 0 and 1"):
        LabelSets((0.1,)).lowest(coverage)
