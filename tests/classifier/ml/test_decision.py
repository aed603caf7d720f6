import numpy as np
import pytest

from classifier.ml.decision import NEVER, DecisionRule, exactly_right, fit_rule

PROBABILITIES = np.array([[0.5, 0.4, 0.1], [0.7, 0.2, 0.1], [0.1, 0.45, 0.45], [0.05, 0.9, 0.05]])


def test_the_top_path_is_always_decided():
    assert DecisionRule().decide(PROBABILITIES) == [(0,), (0,), (1,), (1,)]


def test_a_second_path_joins_only_above_the_ratio():
    assert DecisionRule(0.8, 2).decide(PROBABILITIES) == [(0, 1), (0,), (1, 2), (1,)]


def test_no_set_is_larger_than_the_largest_seen_in_training():
    assert DecisionRule(0.01, 2).decide(PROBABILITIES)[0] == (0, 1)
    assert DecisionRule(0.01, 3).decide(PROBABILITIES)[0] == (0, 1, 2)


def test_the_fitted_ratio_gets_every_set_right_where_that_can_be():
    truths = [(0, 1), (0,), (2, 1), (1,)]
    rule = fit_rule(PROBABILITIES, truths, cap=2)
    assert exactly_right(rule.decide(PROBABILITIES), truths).all()


def test_among_equally_good_ratios_the_strictest_wins():
    truths = [(0, 1), (0,), (1,), (1,)]
    assert fit_rule(PROBABILITIES[:2], truths[:2], cap=2).ratio == pytest.approx(0.8)
    assert fit_rule(PROBABILITIES[1:2], truths[1:2], cap=2).ratio == NEVER


def test_single_labels_in_training_mean_single_labels_decided():
    assert fit_rule(PROBABILITIES, [(0,)] * 4, cap=1) == DecisionRule(NEVER, 1)


def test_a_rule_without_room_for_one_path_is_refused():
    with pytest.raises(ValueError, match="at least one path"):
        DecisionRule(0.5, 0)


def test_a_taxonomy_of_one_path_is_decided_with_any_rule():
    assert DecisionRule(0.5, 3).decide(np.ones((2, 1))) == [(0,), (0,)]
