import numpy as np
import pytest

from classifier.ml.augmentation import Augmentation, dropped, misspelt

TEXT = "someone sent a false mail with a link that asked for my password number nine"
TEXTS = [TEXT, "मेरा बैंक खाता हैक हो गया है", "", "no", "password"] * 20
BOTH = Augmentation(0.2, 0.3, seed=5)


def test_a_text_is_varied_anew_in_every_epoch_and_the_same_way_again():
    first = BOTH.texts(TEXTS, epoch=0)
    assert first == BOTH.texts(TEXTS, epoch=0)
    assert first != BOTH.texts(TEXTS, epoch=1)
    assert first != Augmentation(0.2, 0.3, seed=6).texts(TEXTS, epoch=0)
    assert len(set(first[::5])) > 15


def test_what_becomes_of_a_text_depends_on_its_place_only():
    assert BOTH.texts(TEXTS[:7], epoch=3) == BOTH.texts(TEXTS, epoch=3)[:7]


def test_as_many_words_are_left_out_as_asked_for():
    random = np.random.default_rng(0)
    kept = [len(dropped(TEXT.split(), 0.2, random)) for _ in range(500)]
    assert np.mean(kept) == pytest.approx(0.8 * len(TEXT.split()), rel=0.03)


def test_a_text_never_loses_all_its_words():
    random = np.random.default_rng(0)
    assert all(dropped(["money", "gone"], 0.5, random) for _ in range(100))
    assert dropped([], 0.5, random) == []


def test_a_misspelt_word_keeps_its_letters_but_for_one_slip():
    random = np.random.default_rng(0)
    slips = {misspelt(["password"], 1.0, random)[0] for _ in range(300)}
    assert len(slips) > 20
    for slip in slips:
        assert set(slip) <= set("password")
        assert abs(len(slip) - len("password")) <= 1


def test_short_words_stay_as_they_are():
    assert misspelt(["no", "on", "not"], 1.0, np.random.default_rng(0)) == ["no", "on", "not"]


def test_no_augmentation_is_none():
    assert not Augmentation(0.0, 0.0, seed=1)
    assert BOTH
