from random import Random

from incidents.sketch import BANDS, shingle_sets, similarity, sketches


def sketch(text):
    return sketches([text])[0]


def alike(one, other):
    return similarity(*shingle_sets([one, other]))


def test_case_and_blanks_do_not_change_a_sketch():
    assert sketch("Money  is\ngone now").bands == sketch("money is gone NOW").bands


def test_similarity_is_the_share_of_common_shingles():
    assert alike("abcdef", "abcdef") == 1.0
    assert alike("abcdef", "uvwxyz") == 0.0
    assert alike("abcdef", "abcdex") == 1 / 3


def test_bands_are_stable_and_fit_a_signed_big_integer():
    bands = sketch("a report of something").bands
    assert bands == sketch("a report of something").bands
    assert len(bands) == BANDS
    assert all(-(2**63) <= band < 2**63 for band in bands)


def test_a_text_has_the_sketch_that_was_stored_of_it_whatever_it_is_sketched_with():
    text = "Somebody called as my bank, asked for the one-time code, and 5,000 were gone a minute later."
    stored = (2698792451015077397, 7129410279876609226, -5166249472433371455, -3832817783744317070)
    for company in ([], ["", "x" * 30_000], ["\ud800 broken", "हा", text]):
        assert sketches([*company, text])[-1].bands[:4] == stored
        assert (shingle_sets([*company, text])[-1] == sketch(text).shingles).all()


def test_texts_shorter_than_a_shingle_have_a_sketch():
    assert alike("", "") == 1.0
    assert sketch("हा").bands


def share_with_a_common_band(low, high, edited_share):
    """Of pairs of texts with a similarity from `low` to `high`, the share that would be compared."""
    rng = Random(7)
    compared = []
    while len(compared) < 200:
        words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(40)]
        edited = [word[::-1] if rng.random() < edited_share else word for word in words]
        one, other = sketch(" ".join(words)), sketch(" ".join(edited))
        if low <= similarity(one.shingles, other.shingles) <= high:
            compared.append(bool(set(one.bands) & set(other.bands)))
    return sum(compared) / len(compared)


def test_texts_worded_almost_alike_share_a_band_and_others_seldom():
    assert share_with_a_common_band(0.7, 0.8, edited_share=0.1) > 0.85
    assert share_with_a_common_band(0.1, 0.3, edited_share=0.5) < 0.1
