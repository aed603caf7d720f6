import numpy as np
import pytest

from classifier.ml.cut import HIGHEST, LOWEST, best_cut


def test_few_answers_leave_the_start():
    assert best_cut([], [], 0.6) == 0.6
    assert best_cut([0.9] * 100 + [0.1] * 19, [True] * 100 + [False] * 19, 0.6) == 0.6


def test_answers_that_fall_apart_are_cut_between():
    assert best_cut([0.8] * 30 + [0.5] * 30, [True] * 30 + [False] * 30, 0.9) == pytest.approx(0.65)
    assert best_cut([0.5] * 30 + [0.8] * 30, [False] * 30 + [True] * 30, 0.1) == pytest.approx(0.65)


def test_a_few_slips_do_not_move_the_cut_far():
    values = [*np.linspace(0.7, 0.9, 40), *np.linspace(0.4, 0.6, 40), 0.45, 0.88]
    said = [True] * 40 + [False] * 40 + [True, False]
    assert 0.6 < best_cut(values, said, 0.6) < 0.71


def test_the_cut_never_offers_everything_or_nothing():
    assert best_cut([0.01] * 30 + [0.02] * 30, [False] * 30 + [True] * 30, 0.6) == LOWEST
    assert best_cut([1.0] * 30 + [0.999] * 30, [True] * 30 + [False] * 30, 0.6) == HIGHEST


def test_between_equals_is_no_cut():
    assert best_cut([0.7] * 25 + [0.7] * 25, [True, False] * 25, 0.6) == pytest.approx(0.7)
