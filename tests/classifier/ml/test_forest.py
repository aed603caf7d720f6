import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import IsolationForest

from classifier.ml.forest import FlatForest
from classifier.ml.forest_walk import CHUNK, ForestWalk, _rounded_down


def normal(generator, count):
    return generator.normal(size=(count, 7))


def few_values(generator, count):
    return generator.integers(-2, 3, size=(count, 4)) / 2


def heavy_tails(generator, count):
    return generator.standard_cauchy(size=(count, 3)) * 1e6


def constant_columns(generator, count):
    return np.hstack([np.zeros((count, 3)), generator.normal(size=(count, 1)), np.full((count, 1), -7.5)])


def one_column(generator, count):
    return generator.exponential(size=(count, 1))


@pytest.mark.parametrize("kind", [normal, few_values, heavy_tails, constant_columns, one_column])
@pytest.mark.parametrize(("count", "samples"), [(2000, 512), (300, 512), (5, 512), (700, 16)])
def test_scores_equal_those_of_scikit_learn(kind, count, samples):
    generator = np.random.default_rng(count)
    data = kind(generator, count).astype(np.float32)
    forest = FlatForest.fit(data, seed=3, samples=samples)
    grown = IsolationForest(n_estimators=100, max_samples=min(samples, count), random_state=3).fit(data)
    asked = np.vstack([data, kind(generator, 400).astype(np.float32) * 3])
    assert np.abs(forest.score(asked) + grown.score_samples(asked)).max() < 1e-12


def test_rows_that_lie_on_a_threshold_go_where_scikit_learn_sends_them():
    data = np.random.default_rng(0).normal(size=(600, 3)).astype(np.float32)
    forest = FlatForest.fit(data, seed=3)
    grown = IsolationForest(n_estimators=100, max_samples=512, random_state=3).fit(data)
    tested = forest.features >= 0
    nearest = forest.thresholds[tested].astype(np.float32)
    near = np.concatenate([nearest, np.nextafter(nearest, np.float32(9)), np.nextafter(nearest, np.float32(-9))])
    asked = np.random.default_rng(1).choice(near, size=(4000, 3))
    assert np.abs(forest.score(asked) + grown.score_samples(asked)).max() < 1e-12


@pytest.mark.parametrize("count", [0, 1, 2, 3, 31, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5])
def test_a_row_has_the_same_score_in_any_company(count):
    data = np.random.default_rng(0).normal(size=(1000, 5)).astype(np.float32)
    forest = FlatForest.fit(data, seed=0)
    assert np.array_equal(forest.score(data[:count]), forest.score(data)[:count])


wide = st.floats(allow_nan=False, width=64)


@given(threshold=wide, value=st.floats(allow_nan=False, width=32))
@settings(max_examples=300, deadline=None)
def test_a_threshold_rounded_down_divides_single_precision_numbers_as_before(threshold, value):
    rounded = _rounded_down(np.array([threshold]))[0]
    assert (np.float64(value) <= threshold) == (np.float32(value) <= rounded)


@given(threshold=st.floats(allow_nan=False, width=32), value=st.floats(allow_nan=False, width=32))
@settings(max_examples=300, deadline=None)
def test_a_walk_goes_left_up_to_the_threshold_and_right_beyond(threshold, value):
    features = np.array([[1, -1, -1]], np.int32)
    left, right = np.array([[1, -1, -1]], np.int32), np.array([[2, -1, -1]], np.int32)
    walk = ForestWalk.of(features, np.array([[threshold, 0, 0]]), left, right, np.array([[0.0, 1.0, 2.0]]))
    rows = np.array([[0, value]], np.float32)
    assert walk.total_lengths(rows)[0] == (1.0 if value <= threshold else 2.0)


def test_rows_with_too_few_columns_are_refused():
    forest = FlatForest.fit(np.random.default_rng(0).normal(size=(100, 5)).astype(np.float32), seed=0)
    with pytest.raises(ValueError, match="tests 5 features"):
        forest.score(np.zeros((3, 4), np.float32))


def test_a_forest_of_more_nodes_than_a_number_holds_is_refused():
    leaf = np.full((1, 3), -1, np.int32)
    features = np.array([[2**30, -1, -1]], np.int32)
    children = np.array([[1, -1, -1]], np.int32), np.array([[2, -1, -1]], np.int32)
    with pytest.raises(ValueError, match="too large"):
        ForestWalk.of(features, np.zeros((1, 3)), *children, leaf.astype(float))


def test_saved_and_loaded_it_scores_the_same(tmp_path):
    data = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    forest = FlatForest.fit(data, seed=0)
    forest.save(tmp_path / "forest.npz")
    assert np.array_equal(FlatForest.load(tmp_path / "forest.npz").score(data), forest.score(data))
