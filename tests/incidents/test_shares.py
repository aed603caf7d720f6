"""Shares, intervals and agreement against values worked out elsewhere."""

import random

import pytest
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

from incidents.shares import Share, alpha, difference, kappa


def pairs(ones: str, others: str) -> list[tuple[str, str]]:
    return list(zip(ones, others, strict=True))


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)],
)
def test_the_interval_of_a_share_is_wilsons(hits, n, low, high):
    assert Share(hits, n).interval == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_nothing_is_known_of_no_cases():
    assert (Share(0, 0).share, Share(0, 0).interval) == (None, (0.0, 1.0))


def test_kappa_of_the_textbook():
    # 50 proposals: both yes 20, both no 15, and 15 apart. Observed 0.7, by chance 0.5.
    said = pairs("y" * 20 + "y" * 5 + "n" * 10 + "n" * 15, "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15)
    found = kappa(said)
    low, high = Share(35, 50).interval
    assert found.value == pytest.approx(0.4)
    assert found.interval == (pytest.approx((low - 0.5) / 0.5), pytest.approx((high - 0.5) / 0.5))


@pytest.mark.parametrize("seed", range(20))
def test_kappa_and_its_interval_are_those_of_the_libraries(seed):
    dice = random.Random(seed)
    ones = [dice.choice("abcd") for _ in range(dice.randint(5, 200))]
    others = [one if dice.random() < 0.6 else dice.choice("abcd") for one in ones]
    found = kappa(list(zip(ones, others, strict=True)))
    assert found.value == pytest.approx(cohen_kappa_score(ones, others))
    same = binomtest(sum(map(str.__eq__, ones, others)), len(ones)).proportion_ci(method="wilson")
    assert Share(sum(map(str.__eq__, ones, others)), len(ones)).interval == pytest.approx((same.low, same.high))


def test_kappa_is_one_for_perfect_agreement_and_still_has_an_interval():
    found = kappa(pairs("aabbccabcabc", "aabbccabcabc"))
    assert found.value == pytest.approx(1)
    assert found.interval[0] < 0.8 and found.interval[1] == pytest.approx(1)


def test_what_is_always_the_same_says_nothing():
    assert kappa(pairs("aaaa", "aaaa")).value is None
    assert alpha(pairs("aaaa", "aaaa")).value is None


@pytest.mark.parametrize(
    ("ones", "others", "expected"),
    [
        # Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), A and B.
        ("0100000010", "1110010000", 0.095),
        ("aabbdcccedda", "babbbccceddd", 0.692),
    ],
)
def test_alpha_of_its_authors_examples(ones, others, expected):
    assert alpha(pairs(ones, others)).value == pytest.approx(expected, abs=5e-4)


def test_a_difference_in_one_stratum_is_agresti_and_caffos():
    found, interval = difference({0: Share(8, 10)}, {0: Share(3, 10)})
    # 9/12 - 4/12 with a standard error of sqrt(.75 * .25 / 12 + .3333 * .6667 / 12) = .18478
    assert found == pytest.approx(0.5)
    assert interval == (pytest.approx(0.0545, abs=1e-4), pytest.approx(0.7788, abs=1e-4))


def test_a_difference_is_taken_within_strata_and_not_across():
    # Unseen and seen agree alike in each stratum; only the mix is another, which alone makes 0.82 against 0.54.
    seen = {1: Share(90, 100), 0: Share(10, 20)}
    unseen = {1: Share(9, 10), 0: Share(45, 90)}
    assert difference(seen, unseen)[0] == pytest.approx(0)


def test_without_a_stratum_in_common_there_is_no_difference():
    assert difference({1: Share(1, 2)}, {0: Share(1, 2)}) is None
