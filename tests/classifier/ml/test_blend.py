import numpy as np
import pytest

from classifier.ml.blend import blend, fit_blend
from classifier.ml.calibration import fit_temperature, mean_nll, temper
from classifier.ml.results import Scores

T5 = np.log(np.array([[0.7, 0.2, 0.1]]))
LINEAR = np.log(np.array([[0.3, 0.6, 0.1]]))


def only(known, rows):
    """Log-probabilities over three paths of which only `known` are known."""
    result = np.full((len(rows), 3), -np.inf)
    result[:, known] = np.log(rows)
    return result


@pytest.mark.parametrize(("weight", "expert"), [(0.0, LINEAR), (1.0, T5)])
def test_the_ends_of_the_weight_are_the_experts_up_to_a_trace_of_uniform(weight, expert):
    assert np.abs(np.exp(blend(T5, LINEAR, weight)) - np.exp(expert)).max() < 1e-4


def test_the_middle_is_the_geometric_mean():
    expected = np.sqrt(np.exp(T5) * np.exp(LINEAR))
    assert np.exp(blend(T5, LINEAR, 0.5)) == pytest.approx(expected / expected.sum(), abs=1e-4)


def test_a_path_known_to_one_expert_takes_that_experts_mass():
    linear = only([0, 1], [[0.25, 0.75]])
    mixed = np.exp(blend(T5, linear, 0.3))
    assert mixed[0, 2] == pytest.approx(0.1)
    assert mixed.sum() == pytest.approx(1)
    both = np.exp(blend(only([0, 2], [[0.8, 0.2]]), linear, 0.3))
    assert (both > 0).all()
    assert both.sum() == pytest.approx(1)


def test_the_weight_goes_to_the_expert_that_is_right():
    random = np.random.default_rng(3)
    truths = [(int(path),) for path in random.integers(0, 3, 200)]
    good = np.array([np.where(np.arange(3) == truth[0], 0.8, 0.1) for truth in truths])
    noise = random.dirichlet(np.ones(3), 200)
    heavy, decider = fit_blend(np.log(good), np.log(noise), truths, 1)
    light, _ = fit_blend(np.log(noise), np.log(good), truths, 1)
    assert heavy >= 0.7
    assert light <= 0.3
    assert decider.rule.cap == 1


def test_an_experts_certainty_is_no_veto():
    sure = np.array([[-50.0, np.log1p(-np.exp(-50.0))]])  # of the wrong path, beyond all measure
    other = np.log(np.array([[0.9, 0.1]]))
    assert blend(sure, other, 0.5)[0, 0] > np.log(0.02)  # e^-24 without the trace of uniform


def test_a_weight_that_costs_exact_matches_is_not_taken_for_its_likelihood():
    # T5 never names the right path first, but is never sure; linear is mostly right and, where not, wildly wrong.
    truths = [(0,)] * 100
    t5 = np.log(np.tile([0.45, 0.55], (100, 1)))
    linear = np.log(np.array([[0.6, 0.4]] * 80 + [[0.001, 0.999]] * 20))
    weight, decider = fit_blend(t5, linear, truths, 1)
    final = decider.log_probabilities(Scores(blend(t5, linear, weight)))
    assert (final.argmax(axis=1) == 0).mean() >= 0.8 - 0.04
    likeliest = min(np.arange(0, 1.01, 0.05), key=lambda w: _nll_of(t5, linear, float(w), truths))
    assert (blend(t5, linear, float(likeliest)).argmax(axis=1) == 0).mean() < 0.5
    assert weight < likeliest


def _nll_of(t5, linear, weight, truths):
    mixed = blend(t5, linear, weight)
    return mean_nll(temper(mixed, fit_temperature(mixed, truths)), truths)


def test_without_validation_the_linear_expert_decides_alone():
    empty = np.zeros((0, 3))
    assert fit_blend(empty, empty, [], 2)[0] == 0.0


def test_no_rows_give_no_rows():
    assert blend(np.zeros((0, 3)), np.zeros((0, 3)), 0.5).shape == (0, 3)


def test_experts_without_a_path_in_common_share_the_mass():
    mixed = np.exp(blend(only([0], [[1.0]]), only([1, 2], [[0.6, 0.4]]), 0.5))
    assert mixed.sum() == pytest.approx(1)
    assert mixed[0, 1] == pytest.approx(1.5 * mixed[0, 2])


def test_t5_counts_as_far_as_it_has_read():
    three = [np.repeat(expert, 3, axis=0) for expert in (T5, LINEAR)]
    mixed = blend(*three, 0.5, np.array([1.0, 0.5, 0.0]))
    for row, weight in zip(mixed, (0.5, 0.25, 0.0), strict=True):
        assert row == pytest.approx(blend(T5, LINEAR, weight)[0])
