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
