"""A text as it is looked through: in plain characters, each with its place in the text as it was written."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property

# Six digits, also with signs or a letter between them, or four and a letter: no number worth a look has fewer.
_DIGITS = re.compile(r"[0-9](?:(?:[ ()./-]{0,3}[A-Za-z]?[0-9]){5,}+|[0-9]{3}(?=[A-Za-z]))")
_DATE = re.compile(r"[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{4}|[0-9]{4}([./-])[0-9]{1,2}\2[0-9]{1,2}")
_AROUND = 24  # characters on both sides that may belong to it
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_UNSEEN = {"Cf", "Mn", "Me", "Cs", "Co", "Cn"}  # zero-width and bidirectional signs, marks that stand on a letter


class _Signs(dict[int, str | None]):
    """What a character is read as, one for one; None for what is not seen. Filled as characters are met."""

    def __missing__(self, code: int) -> str | None:
        self[code] = _plain(chr(code))
        return self[code]


def _plain(character: str) -> str | None:
    if character.isascii():
        return character
    if unicodedata.category(character) in _UNSEEN:
        return None
    if (digit := unicodedata.digit(character, None)) is not None:  # of every script, and those in circles
        return str(digit)
    if character in _HYPHENS:
        return "-"
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


_SIGNS = _Signs()


class Reading:
    """`plain` is what patterns are matched with; `place` leads back to the text."""

    def __init__(self, text: str) -> None:
        self.plain = text if text.isascii() else text.translate(_SIGNS)
        self._kept: Sequence[int] | None = None
        if len(self.plain) != len(text):
            self._kept = [place for place, sign in enumerate(text) if _SIGNS[ord(sign)] is not None]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where plain[start:end] stands in the text; what is not seen in between belongs to it."""
        if self._kept is None:
            return start, end
        return self._kept[start], self._kept[end - 1] + 1

    def search(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Where a pattern matches around digits; most of a text has none, and is not looked at again and again."""
        for start, end in self._windows:
            yield from pattern.finditer(self.plain, start, end)

    @cached_property
    def _windows(self) -> list[tuple[int, int]]:
        windows: list[tuple[int, int]] = []
        for digits in _DIGITS.finditer(self.plain):
            if _DATE.fullmatch(digits[0]):
                continue
            start, end = max(0, digits.start() - _AROUND), digits.end() + _AROUND
            if windows and start <= windows[-1][1]:
                start = windows.pop()[0]
            windows.append((start, end))
        return windows

    def before(self, start: int, most: int = 48) -> str:
        """What stands before a place, in small letters: the words that tell what a number is."""
        return self.plain[max(0, start - most) : start].lower()
