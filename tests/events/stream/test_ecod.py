import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from events.stream.ecod import MOST_POINTS, Ecod


def plain_tails(reference, value):
    known = reference[~np.isnan(reference)]
    if not len(known) or np.isnan(value):
        return 1.0, 1.0
    least = 1 / (len(known) + 1)
    return max((known <= value).mean(), least), max((known >= value).mean(), least)


few = st.sampled_from([-1e308, -2.0, 0.0, 0.5, 3.0, 1e308, np.nan])


@given(arrays(float, (9, 3), elements=few), arrays(float, (4, 3), elements=few))
@settings(max_examples=200, deadline=None)
def test_tails_are_the_shares_of_the_reference_up_to_and_from_a_value(reference, rows):
    left, right = Ecod.fit(reference).tails(rows)
    for place in np.ndindex(rows.shape):
        assert (left[place], right[place]) == pytest.approx(plain_tails(reference[:, place[1]], rows[place]))


def test_a_large_reference_is_kept_in_few_points_and_its_ends_exactly():
    reference = np.random.default_rng(0).lognormal(size=(50_000, 2))
    ecod = Ecod.fit(reference)
    assert ecod.points.shape == (2, MOST_POINTS)
    rows = np.quantile(reference, [0, 0.0005, 0.001, 0.3, 0.5, 0.999, 0.9995, 1], axis=0)
    left, right = ecod.tails(rows)
    for place in np.ndindex(rows.shape):
        expected = plain_tails(reference[:, place[1]], rows[place])
        assert (left[place], right[place]) == pytest.approx(expected, abs=0.001)
    assert right[-2] == pytest.approx([0.0005, 0.0005], abs=3e-5)


def test_scores_are_ordered_as_the_published_sum():
    generator = np.random.default_rng(0)
    reference, rows = generator.normal(size=(500, 4)), generator.normal(size=(200, 4)) * 2
    ecod = Ecod.fit(reference)
    left, right = ecod.tails(rows)
    published = np.maximum(-np.log(left), -np.log(right)).sum(axis=1)
    assert np.array_equal(np.argsort(ecod.score(rows)), np.argsort(published))
    assert (ecod.score(rows) < 1).all()
    assert (ecod.score(rows) >= 0).all()


def test_a_row_has_the_same_score_in_any_company():
    reference = np.random.default_rng(0).normal(size=(300, 3))
    ecod = Ecod.fit(reference)
    assert ecod.score(reference[:1])[0] == ecod.score(reference)[0]


def test_constant_features_say_nothing_until_they_change():
    ecod = Ecod.fit(np.full((20, 1), 7.0))
    assert ecod.score(np.array([[7.0], [np.nan]])).tolist() == [0, 0]
    assert ecod.score(np.array([[7.1], [6.9], [np.inf]])) == pytest.approx([20 / 21] * 3)
