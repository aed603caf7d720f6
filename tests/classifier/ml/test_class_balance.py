import numpy as np
import pytest

from classifier.ml.class_balance import report_weights
from classifier.ml.results import Example

EXAMPLES = [Example("a", (0,))] * 8 + [Example("b", (1,))] * 2 + [Example("c", (2, 3))] * 2


def test_without_balance_every_report_counts_the_same():
    assert report_weights(EXAMPLES, 5, 0.0).tolist() == [1.0] * 12


def test_with_full_balance_every_label_counts_the_same():
    weights = report_weights(EXAMPLES, 5, 1.0)
    common, rare, pair = weights[:8].sum(), weights[8:10].sum(), weights[10:].sum()
    assert common == pytest.approx(rare)
    assert pair == pytest.approx(2 * rare)  # it stands for two labels
    assert weights.mean() == pytest.approx(1)


def test_half_way_the_weights_go_with_the_root_of_rarity():
    weights = report_weights(EXAMPLES, 5, 0.5)
    assert weights[8] / weights[0] == pytest.approx(2)  # a quarter as frequent
    assert weights.mean() == pytest.approx(1)


def test_a_report_with_a_common_and_a_rare_label_stands_between_them():
    examples = [Example("a", (0,))] * 6 + [Example("b", (1,)), Example("c", (0, 1))]
    both, common, rare = (report_weights(examples, 2, 1.0)[place] for place in (7, 0, 6))
    assert common < both < rare
    assert both == pytest.approx((common + rare) / 2)
    assert np.isfinite([both, common, rare]).all()


def test_what_a_report_counts_by_itself_counts_in_the_loss_too():
    examples = [Example("a", (0,)), Example("b", (0,), weight=0.5), Example("c", (1,), weight=0.0)]
    assert report_weights(examples, 2, power=0).tolist() == pytest.approx([2.0, 1.0, 0.0])
