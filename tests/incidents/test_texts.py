import pytest
from django.core.exceptions import ValidationError

from incidents.texts import clean_text, clean_title, training_text


def test_line_ends_and_blanks_around_are_made_even():
    assert clean_text("  one\r\ntwo\rthree \n") == "one\ntwo\nthree"


def test_letters_of_any_script_and_emoji_pass():
    assert clean_text("मेरे खाते से पैसे कट गए 😡") == "मेरे खाते से पैसे कट गए 😡"


@pytest.mark.parametrize(
    ("raw", "said"),
    [("", "Describe"), ("x" * 20_001, "20,000"), ("a\x00b", "plain text"), ("caf\ufffd", "UTF-8"), ("\ud800", "UTF-8")],
)
def test_what_is_refused_says_what_to_do(raw, said):
    with pytest.raises(ValidationError, match=said):
        clean_text(raw)


def test_twenty_thousand_characters_are_taken():
    assert len(clean_text("x" * 20_000)) == 20_000


def test_a_title_is_one_line_of_at_most_two_hundred_characters():
    assert clean_title(" a\n b ") == "a b"
    with pytest.raises(ValidationError, match="200"):
        clean_title("x" * 201)


def test_a_model_reads_title_and_text_and_the_title_once():
    assert training_text("Stolen", "My card is gone.") == "Stolen\nMy card is gone."
    assert training_text("My card", "My card is gone.") == "My card is gone."
    assert training_text("", "My card is gone.") == "My card is gone."
