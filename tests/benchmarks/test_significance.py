"""The simulation of intervals and tests goes through, by the same draws as the product's."""

import numpy as np
import pytest

from benchmarks import significance
from classifier.ml.significance import macro_f1_difference


def test_a_quick_run_holds_every_way_of_every_drawing():
    result = significance.run(quick=True)
    assert len(result["rows"]) == 2 * len(significance.WAYS)
    assert all(0.7 <= row["held_least"] <= row["held_most"] <= 1 for row in result["rows"])
    assert set(result["cases"][0]["false_alarms"]) == {"mcnemar", "macro_f1"}


def test_its_difference_is_the_products():
    rows = significance._reports(np.random.default_rng(3), 300, 9, 0.8, 0.7)
    found = macro_f1_difference(*[[str(label) for label in column] for column in rows], resamples=2)
    assert significance._difference(*significance._kinds(rows), 9)[0] == pytest.approx(found.difference)
