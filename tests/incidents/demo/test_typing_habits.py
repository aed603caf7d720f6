import re
from random import Random

from incidents.demo.typing_habits import as_typed

TEXT = "Please help, somebody took Rs 45,000 from my account and the number +91 00000 12345 is off. Thank you."


def typed() -> list[str]:
    return [as_typed(TEXT, Random(seed)) for seed in range(400)]


def test_about_two_in_five_type_cleanly():
    assert 0.35 < typed().count(TEXT) / 400 < 0.6


def test_some_shout_and_some_write_like_a_text_message():
    assert any(text.isupper() for text in typed())
    assert any("plz" in text and "a/c" in text for text in typed())


def test_numbers_survive_every_habit():
    assert all("00000 12345" in text and re.search("45,?000", text) for text in typed())


def test_a_blank_is_lost_now_and_then():
    assert any(len(text.split()) < len(TEXT.split()) for text in typed())
