"""Personal data in a text: where it stands, and the text without it.

Found are e-mail and IP addresses, UPI ids, IBANs, cards, accounts, telephone numbers and ids of states, also spelled
with invisible, full-width or defanged signs. Names and places of living are not: nothing in their form tells them.
Domains, URLs, hashes and wallets are evidence and stay. In time linear in the text, whatever it is.
"""

import re
from collections.abc import Sequence
from itertools import chain

from classifier.ml.personal.addresses import at_signs, ip_addresses
from classifier.ml.personal.finding import Finding, Kind
from classifier.ml.personal.national import national_ids
from classifier.ml.personal.payment import accounts, cards, ibans
from classifier.ml.personal.phones import phones
from classifier.ml.personal.reading import Reading

__all__ = ["TOKEN", "Finding", "Kind", "find", "mask"]

TOKEN = re.compile("|".join(re.escape(kind.token) for kind in Kind))
_BACKWARDS = re.compile("\u202e[^\u202c\n]*")  # what an override shows from its end to its beginning
_FAMILIES = (at_signs, ibans, ip_addresses, cards, national_ids, accounts, phones)  # what has a check digit comes first


def find(text: str) -> tuple[Finding, ...]:
    """In the order of the text; no two overlap: where two could be meant, the earlier of the families is."""
    found = _found(text)
    for run in _BACKWARDS.finditer(text):
        inside = _found(run[0][::-1])
        found += [Finding(run.end() - one.end, run.end() - one.start, one.kind) for one in inside]
    return tuple(_joined(sorted(found)))


def _found(text: str) -> list[Finding]:
    reading, kept = Reading(text), []
    taken = bytearray(len(reading.plain))
    for one in chain.from_iterable(family(reading) for family in _FAMILIES):
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            kept.append(Finding(*reading.place(one.start, one.end), one.kind))
    return kept


def _joined(found: Sequence[Finding]) -> list[Finding]:
    """Those that overlap, as they may where both directions were read, as one."""
    joined: list[Finding] = []
    for one in found:
        if joined and one.start < joined[-1].end:
            last = joined.pop()
            one = Finding(last.start, max(last.end, one.end), last.kind)
        joined.append(one)
    return joined


def mask(text: str) -> str:
    """The text with a fixed word such as `[EMAIL]` in the place of each finding.

    >>> mask("Write to asha@mail.example or call +49 30 1234567.")
    'Write to [EMAIL] or call [PHONE].'
    """
    pieces, done = [], 0
    for found in find(text):
        pieces += [text[done : found.start], found.kind.token]
        done = found.end
    return "".join([*pieces, text[done:]])
