"""Evidence against a promise."""

import numpy as np
import pytest
from scipy.stats import binomtest

from classifier.ml.promise import LEVEL, evidence, is_broken


@pytest.mark.parametrize("allowed", [0.02, 0.1, 0.5])
def test_a_promise_that_is_just_kept_is_seldom_called_broken_however_often_one_looks(allowed):
    rng = np.random.default_rng(int(100 * allowed))
    told = sum(is_broken(list(rng.random(1500) < allowed), [allowed] * 1500) for _ in range(400))
    assert binomtest(told, 400, LEVEL, alternative="greater").pvalue > 0.01


@pytest.mark.parametrize(("allowed", "real", "reports"), [(0.1, 0.25, 150), (0.02, 0.1, 150), (0.1, 0.15, 1200)])
def test_a_promise_that_is_not_kept_is_found_out(allowed, real, reports):
    rng = np.random.default_rng(3)
    told = sum(is_broken(list(rng.random(reports) < real), [allowed] * reports) for _ in range(50))
    assert told >= 40


def test_of_no_report_there_is_no_evidence():
    assert evidence([], []) == 1.0


def test_once_broken_it_stays_so():
    missed = [True] * 20 + [False] * 2000
    assert is_broken(missed, [0.1] * len(missed))


def test_each_report_counts_by_what_was_promised_of_it():
    missed = [True, False, True, False] * 10
    assert evidence(missed, [0.5] * 40) < 20 < evidence(missed, [0.1] * 40)
