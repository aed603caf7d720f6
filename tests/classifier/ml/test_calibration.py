import numpy as np
import pytest
from scipy.special import logsumexp

from classifier.ml.calibration import (
    Confidence,
    brier_score,
    confidence_features,
    expected_calibration_error,
    fit_confidence,
    fit_temperature,
    mean_nll,
    temper,
)


@pytest.fixture
def drawn():
    """Log-probabilities that are true, and labels drawn from them."""
    random = np.random.default_rng(5)
    logits = random.normal(0, 1.5, (3000, 6))
    log_probabilities = logits - logsumexp(logits, axis=1, keepdims=True)
    truths = [(int(random.choice(6, p=np.exp(row) / np.exp(row).sum())),) for row in log_probabilities]
    return log_probabilities, truths


@pytest.mark.parametrize("distortion", [0.25, 1.0, 3.0])
def test_the_temperature_undoes_a_distortion(drawn, distortion):
    log_probabilities, truths = drawn
    assert fit_temperature(temper(log_probabilities, distortion), truths) == pytest.approx(1 / distortion, rel=0.1)


def test_tempering_keeps_impossible_paths_impossible_and_rows_normalised():
    tempered = temper(np.array([[np.log(0.5), np.log(0.5), -np.inf]]), 0.3)
    assert tempered[0, 2] == -np.inf
    assert np.exp(tempered).sum() == pytest.approx(1)


def test_the_likelihood_of_several_labels_weighs_each_equally():
    assert mean_nll(np.log([[0.5, 0.25, 0.25]]), [(0, 1)]) == pytest.approx(-(np.log(0.5) + np.log(0.25)) / 2)


def test_an_impossible_true_path_costs_much_but_not_infinity():
    with np.errstate(divide="ignore"):
        assert 20 < mean_nll(np.log([[1.0, 0.0]]), [(1,)]) < 30


def test_unfitted_confidence_is_the_mass_of_the_decided_set():
    probabilities = np.array([[0.6, 0.3, 0.1], [0.5, 0.1, 0.4]])
    features = confidence_features(probabilities, [(0,), (0, 2)])
    assert Confidence()(features) == pytest.approx([0.6, 0.9])


def test_no_rows_leave_the_confidence_unfitted():
    assert fit_confidence(np.zeros((0, 3)), np.zeros(0, bool)) == Confidence()


def test_confidence_is_calibrated_on_overconfident_probabilities(drawn):
    log_probabilities, truths = drawn
    probabilities = np.exp(temper(log_probabilities, 0.3))
    decided = [(int(row.argmax()),) for row in probabilities]
    right = np.array([a == b for a, b in zip(decided, truths, strict=True)])
    features = confidence_features(probabilities, decided)
    before = expected_calibration_error(Confidence()(features), right)
    after = expected_calibration_error(fit_confidence(features, right)(features), right)
    assert before > 0.15
    assert after < 0.04


def test_always_right_on_few_reports_does_not_give_certainty():
    features = confidence_features(np.array([[0.6, 0.4]] * 5), [(0,)] * 5)
    assert 0.6 < fit_confidence(features, np.ones(5, bool))(features)[0] < 0.97


def test_the_calibration_error_does_not_depend_on_the_order_of_ties():
    confidence = np.full(90, 0.5)
    right = np.arange(90) < 45
    assert expected_calibration_error(confidence, right) == pytest.approx(0)
    assert expected_calibration_error(np.full(90, 0.9), right) == pytest.approx(0.4)


def test_the_brier_score_is_the_mean_squared_gap():
    assert brier_score(np.array([0.8, 0.4]), np.array([True, False])) == pytest.approx((0.04 + 0.16) / 2)
