from random import Random

from incidents.sketch import BANDS, sketch


def test_case_and_blanks_do_not_change_a_sketch():
    assert sketch("Money  is\ngone now").bands == sketch("money is gone NOW").bands


def test_similarity_is_the_share_of_common_shingles():
    assert sketch("abcdef").similarity(sketch("abcdef")) == 1.0
    assert sketch("abcdef").similarity(sketch("uvwxyz")) == 0.0
    assert sketch("abcdef").similarity(sketch("abcdex")) == 1 / 3


def test_bands_are_stable_and_fit_a_signed_big_integer():
    bands = sketch("a report of something").bands
    assert bands == sketch("a report of something").bands
    assert len(bands) == BANDS
    assert all(-(2**63) <= band < 2**63 for band in bands)


def test_texts_shorter_than_a_shingle_have_a_sketch():
    assert sketch("").similarity(sketch("")) == 1.0
    assert sketch("हा").bands


def share_with_a_common_band(low, high, edited_share):
    """Of pairs of texts with a similarity from `low` to `high`, the share that would be compared."""
    rng = Random(7)
    compared = []
    while len(compared) < 200:
        words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(40)]
        edited = [word[::-1] if rng.random() < edited_share else word for word in words]
        one, other = sketch(" ".join(words)), sketch(" ".join(edited))
        if low <= one.similarity(other) <= high:
            compared.append(bool(set(one.bands) & set(other.bands)))
    return sum(compared) / len(compared)


def test_texts_worded_almost_alike_share_a_band_and_others_seldom():
    assert share_with_a_common_band(0.7, 0.8, edited_share=0.1) > 0.85
    assert share_with_a_common_band(0.1, 0.3, edited_share=0.5) < 0.1
