import numpy as np
import pytest

from classifier.ml import neighbours
from classifier.ml.neighbours import nearest
from classifier.ml.svd import unit_rows


@pytest.fixture(scope="module")
def vectors():
    return unit_rows(np.random.default_rng(0).normal(size=(500, 16)).astype(np.float32)).astype(np.float16)


@pytest.mark.parametrize("count", [1, 7, 500, 900])
def test_they_are_those_of_a_plain_sort(vectors, count, monkeypatch):
    monkeypatch.setattr(neighbours, "CHUNK", 64)
    query = vectors[3].astype(np.float32)
    places, cosines = nearest(vectors, query, count)
    plain = np.sort(vectors.astype(np.float32) @ query)[::-1][:count]
    assert places[0] == 3 and np.allclose(cosines, plain, atol=1e-6)
    assert len(set(places.tolist())) == min(count, 500)


def test_of_equals_the_later_one_comes_first():
    same = np.ones((4, 1), np.float16)
    assert nearest(same, np.ones(1, np.float32), 4)[0].tolist() == [3, 2, 1, 0]


def test_nothing_is_near_where_there_is_nothing():
    places, cosines = nearest(np.empty((0, 4), np.float16), np.ones(4, np.float32), 3)
    assert len(places) == len(cosines) == 0
