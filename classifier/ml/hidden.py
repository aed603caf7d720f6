"""Characters that nobody sees and that would keep a model from reading what everybody reads, or have it read more."""

import re
import unicodedata
from collections import Counter
from enum import StrEnum

from classifier.ml.lookalikes import is_latin_by_most, read_lookalikes

_EUROPEAN_END, _MORE_EUROPEAN = "\u0590", ("\u1e00", "\u2000")  # Latin, Greek, Cyrillic, Armenian, and what they share
_JOINERS = "\u200c\u200d"  # letters' glue in Persian, Devanagari and emoji
_EMOJI_STYLES = "\ufe0e\ufe0f"
BLANK_LOOKING = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # Hangul fillers and the empty Braille cell
_UNSEEN_MARKS = re.compile("[\u034f\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# Marks of the alphabets of Europe; what NFKC has not joined with its letter only covers it. Other scripts have others.
_LOOSE_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")

_BACKWARDS = re.compile("\u202e([^\u202a-\u202e\u2066-\u2069\n]*)")
_WORD = re.compile(r"[^\s\x00-\x1f\x7f-\x9f]+")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")

_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007f]{1,7}")  # England, Scotland, Wales
_INSIDE_WORDS = re.compile(
    r"(?<=\w)[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060-\u2064\u206a-\u206f\u3164\ufeff"
    r"\uffa0\ufff9-\ufffb]+(?=\w)"
)
_JOINED_EUROPEANS = re.compile("(?<=[0-9A-Za-z\u00c0-\u058f])[\u200c\u200d]+(?=[0-9A-Za-z\u00c0-\u058f])")
_LOOSE_STYLES = re.compile(
    "[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}|(?<=[A-Za-z])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_OVERRIDES = re.compile("[\u202d\u202e]")
_COVERED = re.compile(rf"(?:\w{_LOOSE_MARKS.pattern}+){{3,}}|{_LOOSE_MARKS.pattern}{{3,}}")


class Hidden(StrEnum):
    """Kinds of characters that hide what a text says. None of them stands in ordinary text of any language."""

    IN_WORDS = "in_words"  # unseen ones between the letters of a word
    TAGS = "tags"  # a text written in characters that are never drawn
    BACKWARDS = "backwards"  # an order to show it in another direction than it is written
    LOOKALIKES = "lookalikes"  # letters of another script in Latin words
    COVERED = "covered"  # letters with marks stacked over them


def hidden(text: str) -> Counter[Hidden]:
    """How many such characters the text holds, of each kind that it holds."""
    if text.isascii():
        return Counter()
    unseen = (_INSIDE_WORDS, _JOINED_EUROPEANS, _LOOSE_STYLES)
    composed = unicodedata.normalize("NFKC", text)
    plain = "".join(map(seen, composed))
    read = read_lookalikes(plain, is_latin_by_most(plain))
    found = {
        Hidden.IN_WORDS: sum(_length(kind, text) for kind in unseen),
        Hidden.TAGS: _length(_TAGS, _FLAG.sub("", text)),
        Hidden.BACKWARDS: _length(_OVERRIDES, text),
        Hidden.LOOKALIKES: sum(a != b for a, b in zip(plain, read, strict=True)),
        Hidden.COVERED: _length(_COVERED, composed),
    }
    return Counter({kind: count for kind, count in found.items() if count})


def without_hidden(text: str) -> str:
    """A text in NFKC without what nobody sees. Glue stays where letters or pictures need it."""
    kept: list[str] = []
    before = " "
    for character in text:
        if character in _JOINERS or character in _EMOJI_STYLES:
            shown = character if _needs_glue(before, character) else ""
        else:
            shown = seen(character)
        if shown:
            kept.append(shown)
            before = shown
    return "".join(kept)


def seen(character: str) -> str:
    """What is seen of it: itself, a blank or nothing."""
    kind = unicodedata.category(character)
    if kind == "Cc" or character in BLANK_LOOKING:
        return " "
    if kind in {"Cs", "Co", "Cn", "Cf"} or _UNSEEN_MARKS.match(character) or _LOOSE_MARKS.match(character):
        return ""
    return character


def forwards(text: str) -> str:
    """Words that an override has shown backwards, written as they are shown. Each keeps its place and length.

    An override over a script that runs from right to left changes nothing there.
    """
    if "\u202e" not in text:
        return text
    shown = "".join(text[place] for place in places_forwards(text))
    return _BACKWARDS.sub(lambda run: run[0] if _RIGHT_TO_LEFT.search(run[1]) else f"\u200b{run[1]}", shown)


def places_forwards(text: str) -> list[int]:
    """Where each character of `forwards(text)` stands in the text."""
    places = list(range(len(text)))
    for run in _BACKWARDS.finditer(text):
        if not _RIGHT_TO_LEFT.search(run[1]):
            for word in _WORD.finditer(text, *run.span(1)):
                places[word.start() : word.end()] = range(word.end() - 1, word.start() - 1, -1)
    return places


def _needs_glue(before: str, glue: str) -> bool:
    if before < _EUROPEAN_END or _MORE_EUROPEAN[0] <= before < _MORE_EUROPEAN[1] or before in _JOINERS:
        return False
    return glue in _JOINERS or before not in _EMOJI_STYLES


def _length(kind: re.Pattern[str], text: str) -> int:
    return sum(len(found.group()) for found in kind.finditer(text))
