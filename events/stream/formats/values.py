"""Text that stands for a number or a truth value, and text that has to fit into a column."""

import hashlib
import math

LONGEST_NUMBER = 40  # characters; what is longer is no measurement
EXACT_DIGITS = 18  # of a whole number that fits 64 bits
DIGEST = 32
_BEGINS_NUMBER = frozenset("0123456789-.")
_WORDS = {
    "true": True, "false": False, "nan": math.nan, "inf": math.inf, "+inf": math.inf, "infinity": math.inf,
}  # fmt: skip
_LONGEST_WORD = 8

Scalar = str | int | float | bool


def typed(cell: str) -> Scalar:
    """The number or truth value that a cell of a table holds, else the text itself. May be NaN or infinite.

    Digits with a leading zero, and more than a float or 64 bits hold exactly, are names rather than numbers: text.
    """
    if cell.isdecimal():
        return int(cell) if len(cell) == 1 or (cell[0] != "0" and len(cell) <= EXACT_DIGITS) else cell
    if cell[:1] in _BEGINS_NUMBER:
        number = number_in(cell)
        return cell if number is None else number
    return _WORDS.get(cell.lower(), cell) if len(cell) <= _LONGEST_WORD else cell


def number_in(text: str) -> int | float | None:
    """The number that a text spells; None where it spells none. May be NaN or infinite."""
    if len(text) > LONGEST_NUMBER or "_" in text:
        return None
    try:
        return int(text) if len(text) <= EXACT_DIGITS and text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return None


def fitted(text: str, longest: int) -> str:
    """A name of at most `longest` characters; a longer one ends in its digest, so that two do not become one."""
    if len(text) <= longest:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGEST]
    return f"{text[: longest - DIGEST - 1]}:{digest}"
