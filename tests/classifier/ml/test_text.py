import pytest

from classifier.ml.text import normalise, truncate


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("", ""),
        ("  two\t\r\n words ", "two words"),
        ("nul\x00between", "nul between"),
        ("zero\u200bwidth \u202eturned\u202c", "zerowidth turned"),
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
