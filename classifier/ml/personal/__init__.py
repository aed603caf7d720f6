"""Personal data in a text: where it stands, and the text without it.

Found are e-mail and IP addresses, UPI ids, IBANs, cards, accounts, telephone numbers and ids of states, also spelled
with invisible, full-width, look-alike or defanged signs. Names and places of living are not: nothing in their form
tells them. Domains, URLs, hashes and wallets are evidence and stay. In time linear in the text, whatever it is.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from classifier.ml.personal.addresses import at_signs, ip_addresses
from classifier.ml.personal.finding import Finding, Kind
from classifier.ml.personal.national import national_ids
from classifier.ml.personal.payment import accounts, cards, ibans
from classifier.ml.personal.phones import phones
from classifier.ml.personal.reading import Reading, hides_signs, is_latin, readings

__all__ = ["TOKEN", "Finding", "Kind", "beginning", "find", "mask"]

TOKEN = re.compile("|".join(re.escape(kind.token) for kind in Kind))
_AHEAD = 1_000  # characters: no value is longer, unless with signs in it that nobody sees
_FAMILIES = (at_signs, ibans, ip_addresses, cards, national_ids, accounts, phones)  # what has a check digit comes first


def find(text: str) -> tuple[Finding, ...]:
    """In the order of the text; no two overlap: where two could be meant, the earlier of the families is."""
    latin = is_latin(text)
    found = _found(text, latin)
    if not latin and found and is_latin(_masked(text, found)):  # the tokens tip it, and a model reads it as Latin
        found = _found(text, latin=True)
    return tuple(found)


def _found(text: str, latin: bool) -> list[Finding]:
    return _joined(sorted(chain.from_iterable(map(_found_in, readings(text, latin)))))


def _found_in(reading: Reading) -> list[Finding]:
    kept, taken = [], bytearray(len(reading.plain))
    for one in chain.from_iterable(family(reading) for family in _FAMILIES):
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            kept.append(Finding(*reading.place(one.start, one.end), one.kind))
    return kept


def _joined(found: Sequence[Finding]) -> list[Finding]:
    """Those that overlap, as they may where a text is read in several ways, as one of the longest one's kind."""
    joined: list[Finding] = []
    for one in found:
        if joined and one.start < joined[-1].end:
            last = joined.pop()
            longest = max(last, one, key=lambda found: found.end - found.start)
            one = Finding(last.start, max(last.end, one.end), longest.kind)
        joined.append(one)
    return joined


def mask(text: str) -> str:
    """The text with a fixed word such as `[EMAIL]` in the place of each finding.

    >>> mask("Write to asha@mail.example or call +49 30 1234567.")
    'Write to [EMAIL] or call [PHONE].'
    """
    return _masked(text, find(text))


def beginning(text: str, most: int) -> str:
    """The first characters of `mask(text)`, for which no more of a long text is looked through than they take."""
    window = most + _AHEAD
    while window < len(text) and is_latin(text) and not hides_signs(text[:window]):
        border = window - _AHEAD
        found = [one for one in _found(text[:window], latin=True) if one.start < border]
        masked = _masked(text[: max([border, *(one.end for one in found)])], found)
        if len(masked) >= most:
            return masked[:most]
        window *= 2
    return mask(text)[:most]


def _masked(text: str, findings: Iterable[Finding]) -> str:
    pieces, done = [], 0
    for found in findings:
        pieces += [text[done : found.start], found.kind.token]
        done = found.end
    return "".join([*pieces, text[done:]])
