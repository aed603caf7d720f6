"""Report text on its way into a model: one normal form, and truncation that keeps both ends."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

HEAD_SHARE = 0.75  # the beginning says what happened; the end often holds the demand or the loss

T = TypeVar("T")
_BLANKS = re.compile(r"\s+")
_WORD = re.compile(r"[^\s\x00-\x1f\x7f-\x9f]+")  # what `normalise` turns into blanks parts words
# ZWNJ and ZWJ are letters' glue in Devanagari and emoji: kept. All other format characters (Cf) go.
_KEPT_FORMAT = frozenset("\u200c\u200d")


def normalise(text: str) -> str:
    """NFKC, without control, zero-width, bidirectional and surrogate characters, blanks collapsed to one.

    NUL and other controls become blanks, so that they separate words and never glue them.
    """
    folded = unicodedata.normalize("NFKC", text)
    if not folded.isascii() or not folded.isprintable():
        folded = "".join(map(_cleaned, folded))
    return _BLANKS.sub(" ", folded).strip()


def _cleaned(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Cc":
        return " "
    if kind in {"Cs", "Co", "Cn"} or (kind == "Cf" and character not in _KEPT_FORMAT):
        return ""
    return character


@dataclass(frozen=True, slots=True)
class Word:
    """A run without blanks: where it stands in a text as it was written, and its normal form (never empty)."""

    start: int
    end: int
    normal: str


def words(text: str) -> list[Word]:
    """The words that a model sees: their normal forms, joined by blanks, are `normalise(text)`.

    What vanishes in the normal form, such as a lone zero-width space, is no word.
    """
    found = (Word(match.start(), match.end(), normalise(match.group())) for match in _WORD.finditer(text))
    return [word for word in found if word.normal]


def truncate(ids: Sequence[T], limit: int) -> list[T]:
    """At most `limit` tokens: the first three quarters and the last quarter of the room."""
    if len(ids) <= limit:
        return list(ids)
    head = max(1, round(limit * HEAD_SHARE))
    return [*ids[:head], *ids[len(ids) - (limit - head) :]]
