"""Thresholds of acceptance, and what they promise."""

import numpy as np
import pytest
from scipy.stats import binomtest

from classifier.ml.acceptance import STARTS, acceptance, fewest, p_value, thresholds

DRAWS = 400


def drawn(rng, n, bent=1.0):
    """Confidences, and errors as often as 1 - confidence ** bent."""
    confidence = rng.beta(4, 0.5, n)
    return confidence, rng.random(n) > confidence**bent


def real_error(threshold, bent):
    confidence, _ = drawn(np.random.default_rng(0), 400_000, bent)
    return float(np.mean(1 - confidence[confidence >= threshold] ** bent))


@pytest.mark.parametrize("bent", [1.0, 2.0, 0.5])
@pytest.mark.parametrize("error", [0.02, 0.05, 0.1])
def test_the_promise_is_kept_in_at_least_the_promised_share_of_draws(error, bent):
    """Also where confidence is too high (2.0) or too low."""
    rng = np.random.default_rng([7, int(bent * 10), int(error * 100)])
    errors = {threshold: real_error(threshold, bent) for threshold in thresholds(error)}
    given = [acceptance(*drawn(rng, 600, bent), error, 0.9).threshold for _ in range(DRAWS)]
    broken = sum(one is not None and errors[one] > error for one in given)
    assert binomtest(broken, DRAWS, 0.1, alternative="greater").pvalue > 0.01


def test_much_is_accepted_where_confidence_can_be_believed():
    given = acceptance(*drawn(np.random.default_rng(1), 3000), 0.05)
    assert given.threshold is not None and given.reports > 1200
    assert p_value(given.wrong, given.reports, 0.05) <= 0.05


def test_a_confident_model_that_is_often_wrong_is_not_accepted():
    rng = np.random.default_rng(2)
    assert acceptance(np.full(1000, 0.99), rng.random(1000) < 0.1, 0.02).threshold is None


def test_too_few_reports_prove_nothing():
    few = fewest(0.02)
    right, sure = np.zeros(few, bool), np.ones(few)
    assert acceptance(sure[1:], right[1:], 0.02).threshold is None
    assert acceptance(sure, right, 0.02).threshold == 0.0
    assert acceptance(np.array([]), np.array([], bool), 0.02).threshold is None


def test_what_is_below_its_own_least_is_never_accepted():
    sure, right = np.repeat([0.5, 0.97], 200), np.zeros(400, bool)
    given = acceptance(sure, right, 0.05, least=0.6)
    assert (given.threshold, given.reports) == (0.0, 200)


def test_thresholds_go_from_strict_to_lax_through_one_minus_the_error():
    found = thresholds(0.05)
    assert found == sorted(found, reverse=True) and found[-1] == 0.0
    assert found[-min(STARTS)] == pytest.approx(0.95)
    assert sum(STARTS.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("error", [0, 1, -0.1])
def test_an_error_that_is_no_share_is_refused(error):
    with pytest.raises(ValueError, match="between 0 and 1"):
        thresholds(error)
