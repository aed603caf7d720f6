"""What models read up to commit b2d26be, for comparison: NFKC without format characters, but with joiners, marks and
look-alike letters, and T5's word counting in full however little of the text it has read."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

_BLANKS = re.compile(r"\s+")


def earlier_form(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return _BLANKS.sub(" ", "".join(map(_cleaned, folded))).strip()


def _cleaned(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Cc":
        return " "
    unseen = kind in {"Cs", "Co", "Cn"} or (kind == "Cf" and character not in "\u200c\u200d")
    return "" if unseen else character


@contextmanager
def read_as_earlier() -> Iterator[None]:
    """Both experts read the earlier form inside."""
    with (
        patch("classifier.ml.features.normalise", earlier_form),
        patch("classifier.ml.vocabulary.normalise", earlier_form),
    ):
        yield
