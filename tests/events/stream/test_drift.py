import numpy as np
import pytest
from scipy.stats import ks_2samp

from events.stream.drift import clipped_threshold, ks_distance, objection, refit_reason

generator = np.random.default_rng(0)
BETA = generator.beta(2, 5, size=3000)


@pytest.mark.parametrize("other", [BETA[:500], BETA + 0.1, np.round(BETA, 1), np.zeros(3), np.array([0.3])])
def test_the_distance_is_that_of_kolmogorov_and_smirnov(other):
    assert ks_distance(BETA, other) == pytest.approx(ks_2samp(BETA, other).statistic)
    assert ks_distance(other, BETA) == ks_distance(BETA, other)


def test_nothing_has_no_distribution():
    with pytest.raises(ValueError, match="at least one score"):
        ks_distance(BETA, np.zeros(0))


@pytest.mark.parametrize(
    ("distances", "events", "seconds", "reason"),
    [
        ([0.2, 0.13], 4000, 60, "scores have moved"),
        ([0.2, 0.13], 1999, 60, ""),
        ([0.2], 4000, 60, ""),
        ([0.2, 0.12], 4000, 60, ""),
        ([0.2, 0.01, 0.2], 4000, 60, ""),
        ([], 4000, 90_000, "older than a day"),
        ([], 10, 90_000, ""),
    ],
)
def test_a_new_detector_is_trained_when_scores_moved_twice_in_a_row_or_a_day_passed(distances, events, seconds, reason):
    found = refit_reason(distances, events, seconds)
    assert reason in found
    assert bool(found) == bool(reason)


@pytest.mark.parametrize(
    ("old", "new", "kept"), [(None, 0.9, 0.9), (0.5, 0.55, 0.55), (0.5, 0.9, 0.6), (0.5, 0.1, 0.4)]
)
def test_a_threshold_moves_by_a_fifth_at_most(old, new, kept):
    assert clipped_threshold(old, new) == pytest.approx(kept)


def test_a_shadow_takes_charge_when_it_alerts_within_twice_the_budget():
    scores = np.linspace(0, 1, 2001)[1:]
    assert objection(scores, 0.99, 0.01) == ""
    assert objection(scores, 0.981, 0.01) == ""
    assert "more than twice the budget" in objection(scores, 0.97, 0.01)
    assert "are needed" in objection(scores[:1999], 0.99, 0.01)


def test_a_shadow_that_tells_nothing_apart_does_not_take_charge():
    assert "the same score" in objection(np.full(2000, 0.5), 0.6, 0.01)
    assert "none of 2,000 events" in objection(np.linspace(0, 0.5, 2000), 0.6, 0.01)
    assert objection(np.linspace(0, 0.5, 2000), 0.6, 0.001) == ""
