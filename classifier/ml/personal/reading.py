"""A text as it is looked through: in plain characters, each with its place in the text as it was written.

Read as `classifier.ml.text.normalise` has it read by a model, character by character. What a text hides can be read in
several ways; a value is one in whichever of them it stands.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from functools import cached_property

from classifier.ml.hidden import BLANK_LOOKING, places_forwards, seen
from classifier.ml.lookalikes import OTHER, is_latin_by_most, read_lookalikes_in_codes

# Six digits, also with signs or a letter between them, or four and a letter: no number worth a look has fewer.
_DIGITS = re.compile(r"[0-9](?:(?:[ ()./-]{0,3}[A-Za-z]?[0-9]){5,}+|[0-9]{3}(?=[A-Za-z]))")
_DATE = re.compile(r"[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{4}|[0-9]{4}([./-])[0-9]{1,2}\2[0-9]{1,2}")
_AROUND = 24  # characters on both sides that may belong to it
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_READ_AS = {"Mn": "", "Me": "", "Zs": " ", "Zl": "\n", "Zp": "\n"}  # marks that stand on a letter; all kinds of blanks
_SEVERAL = re.compile(r"(?=.*[0-9A-Za-z])[\x20-\x7e]+")  # "㉑", "ﬁ"; "…" stays one, as no value stands after dots
_BLANK = "\u2800"  # stands for all that only look blank
_BLANKS = re.compile(f"[ {_BLANK}]+")
# What a model reads as one blank (`text.normalise`), but no more of it than people write, so that no value is longer
# than the window of `beginning`.
_GAP = re.compile(r"(?<![\s\x00-\x1f\x7f-\x9f])[\s\x00-\x1f\x7f-\x9f]{1,20}+(?![\s\x00-\x1f\x7f-\x9f])")
_LINE_END = re.compile(r"[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_BACKWARDS = re.compile("\u202e[^\u202c\n]*")  # what an override shows from its end to its beginning


class _Signs(dict[int, str]):
    """What a character is read as: a sign, several, or none where nothing is seen. Filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = _plain(chr(code))
        return self[code]


def _plain(character: str) -> str:
    if character.isascii():
        return character
    if (digit := unicodedata.digit(character, None)) is not None:  # of every script, and those in circles
        return str(digit)
    if character in _HYPHENS:
        return "-"
    read = "".join(_seen(sign) for sign in unicodedata.normalize("NFKC", character))
    return read if len(read) <= 1 or _SEVERAL.fullmatch(read) else character


def _seen(sign: str) -> str:
    if sign in BLANK_LOOKING:
        return _BLANK
    read = _READ_AS.get(unicodedata.category(sign))
    return seen(sign) if read is None else read


_SIGNS = _Signs()


class Reading:
    """`plain` is what patterns are matched with; `place` leads back to the text.

    `places`: where each character of `plain` stands in the text, if not at its own place.
    """

    def __init__(self, plain: str, places: Sequence[int] | None = None, joins: Set[int] = frozenset()) -> None:
        """`joins`: which blanks of `plain` stand for the end of a line."""
        self.plain = plain
        self._places = places
        self._joins = joins

    def keeping(self, kept: Sequence[int]) -> "Reading":
        """With these of its characters alone, and blanks for what looks blank."""
        return Reading("".join(self.plain[place] for place in kept).replace(_BLANK, " "), self._in_text(kept))

    def with_single_blanks(self) -> Iterator["Reading"]:
        """With one blank for each gap, if there are others: each pair of lines is joined in one of two readings.

        So a number that goes on in the next line is found, and no column of numbers is taken for one.
        """
        gaps = [gap for gap in _GAP.finditer(self.plain) if gap[0] != " "]
        ends = [gap.span() for gap in gaps if _LINE_END.search(gap[0])]
        within = [gap.span() for gap in gaps if not _LINE_END.search(gap[0])]
        if within or ends:
            yield self._joined([*within, *ends[::2]], ends[::2])
        if len(ends) > 1:
            yield self._joined([*within, *ends[1::2]], ends[1::2])

    def _joined(self, gaps: Sequence[tuple[int, int]], ends: Sequence[tuple[int, int]]) -> "Reading":
        firsts, at_ends = {start for start, _ in gaps}, {start for start, _ in ends}
        left_out = {place for start, end in gaps for place in range(start + 1, end)}
        kept = [place for place in range(len(self.plain)) if place not in left_out]
        plain = "".join(" " if place in firsts else self.plain[place] for place in kept)
        joins = {place for place, before in enumerate(kept) if before in at_ends}
        return Reading(plain, self._in_text(kept), joins)

    def _in_text(self, kept: Sequence[int]) -> Sequence[int]:
        return kept if self._places is None else [self._places[place] for place in kept]

    def is_on_one_line(self, start: int, end: int) -> bool:
        return not self._joins or self._joins.isdisjoint(range(start, end))

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where plain[start:end] stands in the text; what is not seen in between belongs to it."""
        if self._places is None:
            return start, end
        places = self._places[start:end]
        return min(places), max(places) + 1

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


def is_latin(text: str) -> bool:
    """Whether a text is Latin by most of its letters, as it is seen."""
    if text.isascii() or not OTHER.search("".join(set(text)).translate(_SIGNS)):
        return True
    return is_latin_by_most(text.translate(_SIGNS))


def hides_signs(text: str) -> bool:
    """Whether any of its characters is not seen, or stands for several."""
    return not text.isascii() and any(len(_SIGNS[ord(sign)]) != 1 for sign in set(text))


def readings(text: str, latin: bool) -> Iterator[Reading]:
    """All that somebody, or a model, may read in a text: one, unless it hides something, or a number has wide gaps.

    `latin`: `is_latin` of it.
    """
    for reading in _shown(text, latin):
        yield reading
        yield from reading.with_single_blanks()


def _shown(text: str, latin: bool) -> Iterator[Reading]:
    if text.isascii():
        yield Reading(text)
        return
    for places in _directions(text):
        reading = _reading(text, latin, places)
        if _BLANK in reading.plain:
            yield reading.keeping(_single_blanks(reading.plain))
            yield reading.keeping([place for place, sign in enumerate(reading.plain) if sign != _BLANK])
        else:
            yield reading


def _directions(text: str) -> Iterator[Sequence[int] | None]:
    """The places of a text in the orders in which it can be read: as written, and what an override turns as shown."""
    yield None
    if "\u202e" in text:
        yield places_forwards(text)  # word by word, as a model reads it
        yield from (range(run.end() - 1, run.start() - 1, -1) for run in _BACKWARDS.finditer(text))


def _reading(text: str, latin: bool, places: Sequence[int] | None) -> Reading:
    shown = text if places is None else "".join(text[place] for place in places)
    plain = read_lookalikes_in_codes(shown.translate(_SIGNS), latin)
    if places is None and not hides_signs(text):
        return Reading(plain)
    found = zip(range(len(text)) if places is None else places, shown, strict=True)
    return Reading(plain, [place for place, sign in found for _ in _SIGNS[ord(sign)]])


def _single_blanks(plain: str) -> list[int]:
    """The places of a text, of blanks side by side the first where one of them only looks blank."""
    runs = (run for run in _BLANKS.finditer(plain) if _BLANK in run[0])
    left_out = {place for run in runs for place in range(run.start() + 1, run.end())}
    return [place for place in range(len(plain)) if place not in left_out]
