import numpy as np
import pytest

from classifier.ml import themes
from classifier.ml.themes import SMALLEST, find_groups


def cloud(direction: int, count: int, rng) -> np.ndarray:
    vectors = rng.normal(size=(count, 16)) * 0.03
    vectors[:, direction] += 1
    return vectors


@pytest.fixture
def space():
    """Two clouds of twelve and eight, and five that are like nothing."""
    rng = np.random.default_rng(0)
    vectors = np.concatenate([cloud(0, 12, rng), cloud(1, 8, rng), np.eye(16)[5:10]]).astype(np.float32)
    texts = [f"the invoice from asha{n} 4711 asked for money by asha@firm.example" for n in range(12)]
    texts += [f"the laptop shows ransom and ransom note number{n}" for n in range(8)]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), [*texts, *["something else"] * 5]


def test_groups_come_largest_first_and_what_is_alone_is_in_none(space):
    groups = find_groups(*space, seed=0)
    assert [sorted(one.places) for one in groups] == [list(range(12)), list(range(12, 20))]


def test_a_name_is_made_of_words_that_set_the_group_apart_without_personal_data(space):
    invoice, ransom = find_groups(*space, seed=0)
    assert "invoice" in invoice.words and "ransom" in ransom.words and "invoice" not in ransom.words
    said = " ".join([*invoice.words, *ransom.words])
    assert "asha" not in said and not any(letter.isdigit() or letter == "@" for letter in said)


def test_the_most_typical_comes_first(space):
    vectors, texts = space
    vectors[3] = vectors[:12].mean(axis=0) / np.linalg.norm(vectors[:12].mean(axis=0))
    assert find_groups(vectors, texts, seed=0)[0].places[0] == 3


def test_a_loose_crowd_is_no_group(monkeypatch):
    """HDBSCAN finds such groups where everything is about equally far from everything."""
    rng = np.random.default_rng(1)
    vectors = np.concatenate([cloud(0, 10, rng), rng.normal(size=(60, 16))]).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    monkeypatch.setattr(themes, "_labels", lambda vectors, seed: np.array([0] * 10 + [1] * 30 + [-1] * 30))
    assert [sorted(one.places) for one in find_groups(vectors, ["some words"] * 70, 0)] == [list(range(10))]


def test_a_handful_has_no_groups():
    count = 2 * SMALLEST - 1
    assert find_groups(np.ones((count, 4), np.float32) / 2, ["text"] * count, 0) == []


def test_texts_without_words_have_groups_without_names():
    rng = np.random.default_rng(0)
    vectors = np.concatenate([cloud(0, 10, rng), cloud(1, 10, rng)]).astype(np.float32)
    assert [one.words for one in find_groups(vectors, ["123 !!!"] * 20, 0)] == [(), ()]
