import numpy as np
import pytest

from classifier.ml.features import TextFeatures
from classifier.ml.text import words

TEXTS = [
    "my bank account was emptied by a caller who asked for my bank password",
    "MY Bank, bank: BANK!\n\x00the-caller's   https://a.b/c?d=1 x",
    "\u00b4a \u200b straße ﬁve ＢＡＮＫ İstanbul ΟΔΟΣ",
    "मेरे खाते से पैसे कट गए 😡 bank",
    "",
    "a",
    "!!! ???",
]


@pytest.fixture(scope="module")
def features():
    return TextFeatures.fit(TEXTS, paths=3)


@pytest.mark.parametrize("text", TEXTS)
def test_the_parts_of_the_words_add_up_to_the_features_of_the_text(features, text):
    parts = features.transform_by_word(words(text)).sum(axis=0)
    assert np.abs(np.asarray(parts) - features.transform([text]).toarray()).max() < 1e-6


def test_a_pair_of_words_is_shared_by_both(features):
    block = features.transform_by_word(words("bank password")).toarray()
    names, _ = features.word_state()
    pair = block[:, names.index("bank password")]
    assert pair[0] == pytest.approx(pair[1]) and pair[0] > 0
