"""Power laws with a floor, fitted to points whose law is known."""

import numpy as np
import pytest

from classifier.ml.power_law import fit_power_law

COUNTS = np.array([50.0, 100.0, 200.0, 300.0, 400.0])
WEIGHTS = COUNTS / COUNTS[-1]


def law(a, b, c):
    return a * COUNTS**-b + c


@pytest.mark.parametrize(("a", "b", "c"), [(2.0, 0.5, 0.1), (1.5, 0.3, 0.0), (20.0, 1.0, 0.2)])
def test_a_law_without_noise_is_found_and_goes_on_behind_the_last_point(a, b, c):
    fitted = fit_power_law(COUNTS, law(a, b, c)[None], WEIGHTS)
    assert fitted.error(800.0)[0] == pytest.approx(a * 800**-b + c, abs=1e-6)


def test_many_curves_are_fitted_at_once_as_each_by_itself():
    errors = np.stack([law(2.0, 0.5, 0.1), law(1.5, 0.3, 0.0), np.full(5, 0.3)])
    together = fit_power_law(COUNTS, errors, WEIGHTS).error(800.0)
    assert together == pytest.approx([fit_power_law(COUNTS, one[None], WEIGHTS).error(800.0)[0] for one in errors])


def test_a_flat_curve_has_its_height_as_floor():
    fitted = fit_power_law(COUNTS, np.full((1, 5), 0.3), WEIGHTS)
    assert fitted.error(400.0)[0] == pytest.approx(0.3) and fitted.error(4000.0)[0] == pytest.approx(0.3)


def test_an_error_that_grows_with_the_labels_is_held_for_flat():
    fitted = fit_power_law(COUNTS, np.array([[0.1, 0.2, 0.3, 0.4, 0.5]]), WEIGHTS)
    assert fitted.a[0] == 0 and 0.3 < fitted.error(800.0)[0] < 0.5


def test_neither_part_is_negative_whatever_the_points_are():
    fitted = fit_power_law(COUNTS, np.random.default_rng(0).random((500, 5)), WEIGHTS)
    assert (fitted.a >= 0).all() and (fitted.c >= 0).all()
    assert ((fitted.error(800.0) >= 0) & (fitted.error(800.0) <= fitted.error(400.0))).all()
