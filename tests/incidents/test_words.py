"""How words are compared in a search."""

import pytest

from incidents.words import LONGEST_WORD, MOST_CHARACTERS, indexed, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Café-Größe, 5,000 Rs.", ["cafe", "grosse", "5", "000", "rs"]),
        ("mail: Asha@Example.com", ["mail", "asha", "example", "com"]),
        ("ПРИВЕТ Й", ["привет", "и"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("密码 abc", ["密", "码", "abc"]),
        ('\'; -- "*" (NEAR) ^ :', ["near"]),
        ("a\x00b\u200bc", ["a", "b", "c"]),
        ("", []),
    ],
)
def test_words_are_read_without_case_accents_and_signs(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_endless_words_and_texts_are_cut() -> None:
    assert words_of("x" * 20_000) == ["x" * LONGEST_WORD]
    assert len(indexed("word " * 100_000)) == MOST_CHARACTERS
