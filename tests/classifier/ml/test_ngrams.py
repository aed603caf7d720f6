import numpy as np
import pytest
from sklearn.feature_extraction.text import HashingVectorizer

from classifier.ml.ngrams import DIMENSIONS, NgramSpace, counts

TEXTS = [
    "Somebody called as my bank and asked for the one-time code, then 5,000 were gone.",
    "The laptop shows a window that says all files are locked until bitcoin is paid.",
    "Pictures of my daughter were put on a page of somebody who insults her at school.",
]


def likeness(space, one, other):
    first, second = space.vectors([one, other])
    return float(first @ second)


def test_what_is_counted_is_what_scikit_learn_counts():
    words = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=2**20, norm=None, alternate_sign=False)
    text = "the bank called me and the bank asked"
    assert counts([text]).sum() == words.transform([text]).sum()
    assert counts([text]).nnz == pytest.approx(words.transform([text]).nnz, abs=2)


def test_a_reworded_report_is_nearer_than_another():
    space = NgramSpace.fit(TEXTS)
    reworded = "someone called me as the bank, asked the one time code and then 5000 were gone"
    assert likeness(space, TEXTS[0], reworded) > 0.5
    assert likeness(space, TEXTS[0], TEXTS[1]) < 0.25
    assert likeness(space, TEXTS[0], TEXTS[0].upper()) == pytest.approx(1, abs=0.01)


def test_vectors_are_short_and_of_unit_length():
    vectors = NgramSpace.fit(TEXTS).vectors(TEXTS)
    assert vectors.shape == (3, DIMENSIONS) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["", "!!!", "\x00", "a", "ऋण के लिए फोन आया", "攻撃されました", "\ud800"])
def test_any_text_has_a_vector(text):
    vectors = NgramSpace.fit([]).vectors([text])
    assert np.isfinite(vectors).all()


def test_words_of_scripts_with_vowel_signs_stay_whole():
    space = NgramSpace.fit([])
    assert likeness(space, "बैंक से फोन आया और पैसे गए", "बैंक से फोन आया, पैसे चले गए") > 0.6


def test_a_text_is_read_from_its_beginning_only():
    space, long = NgramSpace.fit(TEXTS), TEXTS[0] * 100
    assert likeness(space, long, long + TEXTS[1] * 100) == pytest.approx(1, abs=0.01)
