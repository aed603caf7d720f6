"""Evidence against a promise."""

import numpy as np
import pytest
from scipy.stats import binomtest

from classifier.ml.conformal import LabelSets
from classifier.ml.promise import LEVEL, TIMES, Evidence, against, left_possible, staked


def evidence(missed, promised):
    found = Evidence()
    for one, share in zip(missed, promised, strict=True):
        found = found.after(bool(one), share)
    return found


def is_broken(missed, promised):
    return evidence(missed, promised).is_alarm


def alarms(rng, realised, promised, reports, possible=None):
    """Of many reigns at once: which raise an alarm within so many reports. `possible`: of the misses and reports."""
    stakes, missed = np.zeros((len(realised), len(TIMES))), np.zeros(len(realised))
    raised = np.zeros(len(realised), bool)
    for seen in range(reports):
        misses = rng.random(len(realised)) < realised
        allowed = possible(missed, seen) if possible else np.full(len(missed), promised)
        stakes = staked(stakes, misses, promised, allowed)
        missed += misses
        raised |= against(stakes) >= 1 / LEVEL
    return raised


@pytest.mark.parametrize("promised", [0.02, 0.1, 0.5])
def test_a_promise_that_is_just_kept_is_seldom_called_broken_however_often_one_looks(promised):
    rng = np.random.default_rng(int(100 * promised))
    told = alarms(rng, np.full(400, promised), promised, 1500).sum()
    assert binomtest(int(told), 400, LEVEL, alternative="greater").pvalue > 0.01


@pytest.mark.parametrize("calibrated", [60, 300, 1000])
def test_a_coverage_that_is_kept_on_average_raises_no_more_false_alarms_than_are_told(calibrated):
    rng, runs = np.random.default_rng(calibrated), 400
    scores = [LabelSets(tuple(np.sort(rng.random(calibrated)))) for _ in range(runs)]
    realised = np.array([sets.lowest(0.9) for sets in scores])  # how often an evenly spread score is above 1 - that

    def possible(missed, seen):
        return left_possible(0.9, calibrated, missed, seen)

    told = alarms(rng, realised, 0.1, 1500, possible).sum()
    assert binomtest(int(told), runs, LEVEL, alternative="greater").pvalue > 0.01
    if calibrated == 60:  # as if the promise held of every single set of calibration reports
        assert alarms(rng, realised, 0.1, 1500).mean() > 3 * LEVEL


def test_what_is_left_possible_is_never_less_than_promised_and_follows_what_was_missed():
    assert left_possible(0.9, 99, 0, 0) == pytest.approx(0.1)
    assert left_possible(0.9, 99, 0, 500) == pytest.approx(0.1)
    assert left_possible(0.9, 99, 30, 100) == pytest.approx(0.2)
    assert left_possible(0.9, 10**6, 30, 100) == pytest.approx(0.1, abs=1e-4)
    assert left_possible(0.9, 0, 0, 0) == left_possible(0.9, 3, 0, 10) == pytest.approx(0.1)


@pytest.mark.parametrize(("promised", "real", "reports"), [(0.1, 0.25, 150), (0.02, 0.1, 150), (0.1, 0.15, 1200)])
def test_a_promise_that_is_not_kept_is_found_out(promised, real, reports):
    assert alarms(np.random.default_rng(3), np.full(50, real), promised, reports).sum() >= 40


def test_of_no_report_there_is_no_evidence():
    assert evidence([], []).most == 1.0


def test_once_broken_it_stays_so():
    missed = [True] * 20 + [False] * 2000
    assert is_broken(missed, [0.1] * len(missed))


def test_each_report_counts_by_what_was_promised_of_it():
    missed = [True, False, True, False] * 10
    assert evidence(missed, [0.5] * 40).most < 20 < evidence(missed, [0.1] * 40).most


def test_overwhelming_evidence_stays_a_number():
    assert np.isfinite(evidence([True] * 1000, [0.01] * 1000).most)
