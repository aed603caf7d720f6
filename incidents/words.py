"""How words are compared in a search: without case, accents and signs, and the same in every database."""

import unicodedata

LONGEST_WORD = 150  # characters; more than a SHA-512 in hexadecimal, less than an index entry may have
MOST_CHARACTERS = 100_000  # of one report; PostgreSQL takes 1 MB of words
_UNSPACED = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF))  # kana and ideographs: each is a word of its own
_ACCENTS = range(0x300, 0x370)


class _Signs(dict[int, str | None]):
    """What becomes of each character, filled as characters are met."""

    def __missing__(self, code: int) -> str | None:
        self[code] = _reading(code)
        return self[code]


def _reading(code: int) -> str | None:
    character = chr(code)
    if code in _ACCENTS:
        return None
    if unicodedata.category(character)[0] in "PSZC":
        return " "
    return f" {character} " if any(start <= code <= end for start, end in _UNSPACED) else character


_SIGNS = _Signs()


def words_of(text: str) -> list[str]:
    """The words of a text as they are indexed and looked for: `Café-Größe` -> `cafe`, `grosse`."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_SIGNS)
    return [word[:LONGEST_WORD] for word in plain.split()]


def indexed(*texts: str) -> str:
    """The words of several texts as one row of the index holds them; of very long ones, the beginning."""
    return " ".join(words_of("\n".join(texts)))[:MOST_CHARACTERS]
