"""Report text on its way into a model: one normal form, and truncation that keeps both ends."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from classifier.ml.hidden import forwards, without_hidden
from classifier.ml.lookalikes import is_latin_by_most, read_lookalikes

HEAD_SHARE = 0.75  # the beginning says what happened; the end often holds the demand or the loss

T = TypeVar("T")
_BLANKS = re.compile(r"\s+")
_WORD = re.compile(r"[^\s\x00-\x1f\x7f-\x9f]+")  # what `normalise` turns into blanks parts words


def normalise(text: str) -> str:
    """The text as it is seen: NFKC, without what nobody sees, disguised letters as what they pass for, single blanks.

    NUL and other controls become blanks, so that they separate words and never glue them. It is all that a model reads,
    in training and in serving, and texts without any disguise keep the form that they had in earlier releases.
    """
    plain = _plain(forwards(text))
    return _BLANKS.sub(" ", read_lookalikes(plain, is_latin_by_most(plain))).strip()


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    if folded.isascii() and folded.isprintable():
        return folded
    return unicodedata.normalize("NFKC", without_hidden(folded))


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
    shown = forwards(text)
    latin = is_latin_by_most(_plain(shown))
    found = (Word(match.start(), match.end(), _normal(match.group(), latin)) for match in _WORD.finditer(shown))
    return [word for word in found if word.normal]


def _normal(word: str, latin_by_most: bool) -> str:
    return _BLANKS.sub(" ", read_lookalikes(_plain(word), latin_by_most)).strip()


def truncate(ids: Sequence[T], limit: int) -> list[T]:
    """At most `limit` tokens: the first three quarters and the last quarter of the room."""
    if len(ids) <= limit:
        return list(ids)
    head = max(1, round(limit * HEAD_SHARE))
    return [*ids[:head], *ids[len(ids) - (limit - head) :]]
