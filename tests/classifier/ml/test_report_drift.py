"""Tests of drift: quiet on shuffled reports, loud on what has changed."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from classifier.ml import report_drift as drift
from classifier.ml.ngrams import NgramSpace
from classifier.ml.report_drift import Answers, Rule

BANK = "caller bank code otp phone rupees voice transfer account card manager urgent"
MALWARE = "virus file infected laptop antivirus trojan download server locked ransom backup screen"


def texts(random, count, words=BANK):
    return [" ".join(random.choice(words.split(), 6)) for _ in range(count)]


def space(random):
    known = texts(random, 200)
    fitted = NgramSpace.fit(known)
    return fitted, fitted.vectors(known)


def p_of_texts(seed, malware=0):
    random = np.random.default_rng(seed)
    fitted, known = space(random)
    window = texts(random, 60 - malware) + texts(random, malware, MALWARE)
    return drift.text_test(fitted.vectors(window), known, seed).p


def test_texts_of_the_same_kind_seldom_fire():
    fired = sum(p_of_texts(seed) <= 0.05 for seed in range(60))
    assert fired <= 8  # 3 are expected; more than 8 come once in 200 times


def test_texts_of_another_kind_fire():
    assert all(p_of_texts(seed, malware=20) <= 0.01 for seed in range(5))


def test_the_text_test_is_the_discrepancy_of_its_textbook():
    random = np.random.default_rng(1)
    one, other = (random.normal(size=(n, 4)).astype(np.float32) for n in (5, 7))
    one, other = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (one, other))
    kernel = drift.gaussian_kernel(np.concatenate([one, other])).astype(float)
    ours, theirs, across = kernel[:5, :5], kernel[5:, 5:], kernel[:5, 5:]
    wanted = (ours.sum() - 5) / 20 + (theirs.sum() - 7) / 42 - 2 * across.mean()
    assert drift.text_test(one, other, 0).statistic == pytest.approx(wanted, abs=1e-6)


def test_the_same_reports_and_seed_give_the_same_p():
    assert p_of_texts(3, malware=6) == p_of_texts(3, malware=6)


def answers(random, count, shares, unsure=0.1):
    return Answers(random.choice(["a", "b", "c"], count, p=shares).tolist(), random.random(count) < unsure)


def test_answers_of_the_same_kind_seldom_fire():
    fired = {drift.PREDICTION: 0, drift.ABSTENTION: 0}
    for seed in range(100):
        random = np.random.default_rng(seed)
        tests = drift.compare_answers(answers(random, 60, [0.7, 0.2, 0.1]), answers(random, 200, [0.7, 0.2, 0.1]), seed)
        for kind, test in tests.items():
            fired[kind] += test.p <= 0.05
    assert max(fired.values()) <= 11  # 5 are expected at most


def test_other_shares_and_other_abstention_fire_each_in_its_own_test():
    random = np.random.default_rng(0)
    usual = answers(random, 200, [0.7, 0.2, 0.1])
    swollen = drift.compare_answers(answers(random, 100, [0.3, 0.2, 0.5]), usual, 0)
    assert swollen[drift.PREDICTION].p <= 0.01 < swollen[drift.ABSTENTION].p
    unsure = drift.compare_answers(answers(random, 100, [0.7, 0.2, 0.1], unsure=0.5), usual, 0)
    assert unsure[drift.ABSTENTION].p <= 0.01 < unsure[drift.PREDICTION].p
    assert unsure[drift.ABSTENTION].statistic > 0.3


def test_a_model_that_is_suddenly_sure_of_everything_is_as_odd():
    usual = Answers(["a"] * 100, np.arange(100) < 40)
    found = drift.abstention_test(np.zeros(60, bool), usual.unsure)
    assert found.p < 0.001 and found.statistic == pytest.approx(-0.4)


def test_g_is_that_of_scipy():
    window, usual = ["a"] * 12 + ["b"] * 3, ["a"] * 20 + ["b"] * 14 + ["c"] * 4
    wanted = chi2_contingency([[12, 3, 0], [20, 14, 4]], correction=False, lambda_="log-likelihood").statistic
    assert drift.category_test(window, usual, np.random.default_rng(0)).statistic == pytest.approx(wanted)


def test_a_category_that_nobody_had_before_is_no_trouble():
    assert drift.category_test(["new"] * 30, ["old"] * 60, np.random.default_rng(0)).p == pytest.approx(0.002)


def test_a_rule_needs_so_many_of_the_last_looks():
    rule = Rule(level=0.05, needed=2, of=3)
    assert not rule.holds([]) and not rule.holds([0.01]) and not rule.holds([0.01, 0.01, 0.9, 0.9])
    assert rule.holds([0.01, 0.9, 0.05])


def test_one_change_is_told_once():
    rule, p_values = Rule(level=0.05, needed=2, of=2), [0.9, 0.01, 0.01, 0.01, 0.9, 0.01, 0.01]
    begun = [place for place in range(len(p_values)) if rule.begins(p_values[: place + 1])]
    assert begun == [2, 6]


def test_the_most_unlike_report_is_the_one_that_has_nothing_in_common():
    random = np.random.default_rng(0)
    fitted, known = space(random)
    found = drift.unlikeness(fitted.vectors(["caller bank otp", "virus trojan laptop"]), known)
    assert found[0] < 0.5 < found[1] <= 1.2


def test_words_that_have_become_frequent_are_told_with_both_shares():
    known = ["the bank called about a card"] * 40
    window = ["the bank called about a parcel in customs"] * 10 + known[:10]
    found = {word.word: (word.share, word.before) for word in drift.frequent_words(window, known)}
    assert found == {"parcel": (0.5, 0), "customs": (0.5, 0)}


def test_no_address_no_number_and_no_word_of_a_few_becomes_frequent():
    window = ["mail asha@bank.example or 4929123 now"] * 20 + ["Ramanathan called"] * 4
    assert {word.word for word in drift.frequent_words(window, ["nothing"] * 50)} == {"mail"}


def test_texts_without_a_word_have_none():
    assert drift.frequent_words(["1234"] * 9, ["5678"] * 9) == []
