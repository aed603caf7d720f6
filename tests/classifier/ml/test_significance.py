"""Tests and intervals: against known values, and whether they keep what they promise on simulated reports."""

import numpy as np
import pytest
from scipy.stats import binomtest

from classifier.ml.metrics import string_scores
from classifier.ml.significance import f1_interval, holm, macro_f1_difference, mcnemar, wilson


@pytest.mark.parametrize(("gained", "lost", "p"), [(0, 0, 1.0), (5, 5, 1.0), (5, 0, 0.0625), (1, 9, 0.021484375)])
def test_mcnemars_exact_test_gives_the_known_p(gained, lost, p):
    assert mcnemar(gained, lost) == pytest.approx(p)


def test_mcnemar_on_the_example_of_twelve_against_five():
    assert mcnemar(12, 5) == pytest.approx(2 * sum(binomial(17, k) for k in range(6)) / 2**17)


def binomial(n, k):
    return int(np.prod([(n - i) / (i + 1) for i in range(k)]).round())


@pytest.mark.parametrize(("hits", "n"), [(0, 7), (8, 10), (500, 500), (1, 1), (13, 196)])
def test_the_interval_of_a_share_is_wilsons(hits, n):
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert tuple(float(end) for end in wilson(hits, n)) == pytest.approx(tuple(expected))


def test_nothing_measured_may_be_anything():
    assert tuple(float(end) for end in wilson(0, 0)) == (0.0, 1.0)


def test_the_interval_of_f1_holds_it_and_stays_open_for_a_perfect_rare_class():
    tp, predicted, support = np.array([4, 30, 0]), np.array([4, 50, 0]), np.array([4, 40, 3])
    low, high = f1_interval(tp, predicted, support)
    f1 = 2 * tp / (predicted + support)
    assert (low <= f1 + 1e-12).all() and (f1 <= high + 1e-12).all()
    assert low[0] < 0.7 and high[0] == pytest.approx(1)
    assert high[2] > 0.5


def test_the_interval_of_f1_covers_the_truth_as_promised():
    random = np.random.default_rng(3)
    kinds = np.array([0.06, 0.03, 0.02, 0.89])  # right, false alarm, missed, rest
    truth = 2 * kinds[0] / (2 * kinds[0] + kinds[1] + kinds[2])
    drawn = random.multinomial(300, kinds, size=4000)
    low, high = f1_interval(drawn[:, 0], drawn[:, 0] + drawn[:, 1], drawn[:, 0] + drawn[:, 2])
    assert 0.935 < np.mean((low <= truth) & (truth <= high)) < 0.97


def test_holm_gives_the_known_values_and_keeps_the_order():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def reports(random, n, labels, skill, other_skill, agreement=0.6):
    """Labels of falling frequency, and what two models say; both fail more on the same hard reports."""
    chances = 1 / np.arange(1, labels + 1)
    chances /= chances.sum()
    truth, hard = random.choice(labels, n, p=chances), random.random(n) < 0.4

    def said(skill):
        known = random.random(n) < skill - 0.25 * hard + 0.1
        return np.where(known, truth, random.choice(labels, n, p=chances))

    one, own = said(skill), said(other_skill)
    other = np.where(random.random(n) < agreement, one, own)
    return tuple([f"label {number}" for number in column] for column in (truth, one, other))


def test_macro_f1_is_that_of_the_evaluation():
    truth, one, other = reports(np.random.default_rng(1), 150, 12, 0.7, 0.6)
    found = macro_f1_difference(truth, one, other, resamples=50)
    assert found.one == pytest.approx(string_scores(truth, one)["macro_f1"])
    assert found.other == pytest.approx(string_scores(truth, other)["macro_f1"])
    assert found.low <= found.difference <= found.high


def test_the_same_seed_gives_the_same_interval():
    rows = reports(np.random.default_rng(2), 200, 8, 0.8, 0.7)
    assert macro_f1_difference(*rows) == macro_f1_difference(*rows)
    assert macro_f1_difference(*rows, seed=1) != macro_f1_difference(*rows)


def test_two_models_that_say_the_same_do_not_differ():
    truth, one, _ = reports(np.random.default_rng(4), 100, 5, 0.7, 0.7)
    found = macro_f1_difference(truth, one, one)
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)


def test_the_interval_of_macro_f1_covers_the_truth_as_promised():
    random = np.random.default_rng(11)
    everything = macro_f1_difference(*reports(random, 200_000, 15, 0.8, 0.7), resamples=1)
    held = [
        found.low <= everything.difference <= found.high
        for found in (macro_f1_difference(*reports(random, 250, 15, 0.8, 0.7), resamples=400) for _ in range(300))
    ]
    assert 0.91 < np.mean(held) < 0.985


def test_on_shuffled_pairs_the_tests_raise_few_false_alarms():
    random = np.random.default_rng(12)
    truth, one, other = map(np.array, reports(random, 250, 10, 0.8, 0.7))
    alarms = {"mcnemar": 0, "bootstrap": 0}
    for _ in range(300):
        swapped = random.random(len(truth)) < 0.5
        a, b = np.where(swapped, other, one), np.where(swapped, one, other)
        right, also = a == truth, b == truth
        alarms["mcnemar"] += mcnemar(int((right & ~also).sum()), int((also & ~right).sum())) < 0.05
        found = macro_f1_difference(list(truth), list(a), list(b), resamples=400)
        alarms["bootstrap"] += found.low > 0 or found.high < 0
    assert alarms["mcnemar"] / 300 <= 0.05 + 0.025
    assert alarms["bootstrap"] / 300 <= 0.05 + 0.035


def test_a_real_difference_is_found():
    truth, one, other = reports(np.random.default_rng(13), 1000, 10, 0.9, 0.6)
    assert macro_f1_difference(truth, one, other).low > 0
