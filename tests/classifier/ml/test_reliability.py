"""The reliability curve."""

import numpy as np
import pytest

from classifier.ml.reliability import LEAST, MOST_BINS, reliability


def test_bins_hold_about_the_same_number_of_reports_in_rising_order():
    random = np.random.default_rng(1)
    confidence = random.beta(5, 1, 1000)
    bins = reliability(confidence, random.random(1000) < confidence)
    assert [one.n for one in bins] == [100] * MOST_BINS
    assert [one.confidence for one in bins] == sorted(one.confidence for one in bins)
    assert sum(one.n * one.confidence for one in bins) / 1000 == pytest.approx(confidence.mean())


def test_a_calibrated_model_stays_within_its_intervals_and_an_overconfident_one_does_not():
    random = np.random.default_rng(2)
    chance = random.uniform(0.3, 0.9, 5000)
    right = random.random(5000) < chance
    honest, boasting = reliability(chance, right), reliability(np.sqrt(chance), right)
    assert sum(one.low <= one.confidence <= one.high for one in honest) >= 9
    assert sum(one.low <= one.confidence <= one.high for one in boasting) == 0


def test_equal_confidences_share_a_bin_whatever_their_order():
    confidence = np.array([0.9] * 50 + [0.5] * 50)
    right = np.arange(100) % 2 == 0
    bins = reliability(confidence, right)
    assert [(one.n, one.confidence) for one in bins] == [(50, pytest.approx(0.5)), (50, pytest.approx(0.9))]
    order = np.random.default_rng(3).permutation(100)
    assert reliability(confidence[order], right[order]) == bins


def test_few_reports_make_few_bins_and_none_makes_none():
    confidence = np.linspace(0.1, 0.9, 2 * LEAST)
    assert len(reliability(confidence, confidence > 0.5)) == 2
    assert len(reliability(confidence[:3], confidence[:3] > 0.5)) == 1
    assert reliability(np.array([]), np.array([], bool)) == []
