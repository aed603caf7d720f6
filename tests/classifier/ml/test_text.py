import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.ml.text import normalise, truncate, words


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("", ""),
        ("  two\t\r\n words ", "two words"),
        ("nul\x00between", "nul between"),
        ("zero\u200bwidth \u202eturned\u202c", "zerowidth denrut"),
        ("ｆｕｌｌ ﬁle", "full file"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("मेरा खाता हैक हो गया", "मेरा खाता हैक हो गया"),
        ("👩\u200d💻 paid", "👩\u200d💻 paid"),
    ],
)
def test_text_has_one_normal_form(raw, clean):
    assert normalise(raw) == clean


def test_normalising_twice_changes_nothing():
    text = "Ｒａｎｓｏｍ\u0000 ﷺ \u200e मेरा ½ 👍🏽" * 50
    assert normalise(normalise(text)) == normalise(text)


def test_truncation_keeps_three_quarters_of_head_and_one_of_tail():
    assert truncate(range(100), 8) == [0, 1, 2, 3, 4, 5, 98, 99]
    assert truncate([1, 2, 3], 3) == [1, 2, 3]
    assert truncate(range(5), 1) == [0]


@given(st.text(st.characters(exclude_categories=["Cn"]), max_size=40))
@example("\u202eeno owt\u202c p\u0430y p\u200d\u0336\u0441 \u0441\u0441 three")
@example("one\x00two  \u200b three\u00b4s \uff22\uff21\uff2e\uff2b")
def test_the_words_joined_by_blanks_are_the_normal_form(text):
    found = words(text)
    assert " ".join(word.normal for word in found) == normalise(text)
    assert all(word.normal and " " not in text[word.start : word.end] for word in found)
