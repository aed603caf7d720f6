import numpy as np
import pytest

from classifier.ml.features import TextFeatures
from classifier.ml.svd import SvdEmbedder


@pytest.fixture(scope="module")
def embedder(make_examples):
    texts = [example.text for example in make_examples(60)]
    return SvdEmbedder.fit(TextFeatures.fit(texts, 5), texts, seed=0)


def test_vectors_have_unit_length_whatever_the_text(embedder):
    vectors = embedder.embed(["money from my card", "", "\x00", "xyzzy", "क" * 500])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_similar_reports_have_similar_vectors(embedder, make_examples):
    first, other, *_, same = embedder.embed([example.text for example in make_examples(6, start=500)])
    assert first @ same > first @ other + 0.3


@pytest.mark.parametrize("texts", [["one"], ["", ""], ["one two", "three"]])
def test_tiny_data_get_fewer_dimensions(texts):
    embedder = SvdEmbedder.fit(TextFeatures.fit(texts, 1), texts, seed=0)
    assert np.linalg.norm(embedder.embed(texts), axis=1) == pytest.approx(1)


def test_the_hash_changes_with_what_determines_the_vectors(embedder, make_examples):
    texts = [example.text for example in make_examples(60)]
    again = SvdEmbedder.fit(TextFeatures.fit(texts, 5), texts, seed=0)
    other = SvdEmbedder.fit(TextFeatures.fit(texts[:50], 5), texts[:50], seed=0)
    assert again.hash == embedder.hash != other.hash
