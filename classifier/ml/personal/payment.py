"""Numbers of cards, by length, issuer and Luhn; IBANs, by country and check digits; accounts, by the words before."""

import re
from collections.abc import Iterator

from classifier.ml.personal.checks import luhn, mod_97
from classifier.ml.personal.finding import Finding, Kind
from classifier.ml.personal.reading import Reading

_RUN = re.compile(r"[0-9](?<![\w.]\d)(?<!\w-\d)(?:[ -]?\d){12,}+(?!\w)")
_GROUP = re.compile(r"\d+")
# How long the numbers of an issuer are, by how they begin (ISO/IEC 7812).
_LENGTHS = (
    (re.compile("4"), {13, 16, 19}),
    (re.compile("5[1-5]|2[2-7]|9792"), {16}),
    (re.compile("3[47]"), {15}),
    (re.compile("3[0689]"), {14, 16, 19}),
    (re.compile("5[0678]|6|35|8[12]"), {13, 15, 16, 17, 18, 19}),
)
_LONGEST_CARD = 19

_LENGTH_OF_IBAN = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24,
    "XK": 20,
}  # fmt: skip
_IBAN = re.compile(r"[A-Za-z](?<![A-Za-z0-9].)(?=[A-Za-z][ -]?\d\d)")
_BLANKS = re.compile(r"[ -]")
_LONGEST_IBAN = 60  # characters, with the blanks in it and one more behind it

_ACCOUNT = re.compile(r"[0-9](?<![\w.,]\d)(?<!\w[-/]\d)(?:[ -]?\d){5,19}+(?!\w|[.,]\d|[/-]\w)")
_ACCOUNT_WORDS = re.compile(
    r"\b(?:accounts?|acct|acc|a/c|konto(?:nummer)?|kontonr|kto|cuenta|compte|routing|sort code|bankleitzahl|blz|"
    r"customer (?=id|n)|client (?=id|n)|member(?:ship)? (?=id|n)|policy (?=id|n)|kundennummer|beneficiary)"
    r"(?:[ \t:=#.(-]|numbers?\b|num\b|nummer\b|nos?\b|nr\b|ids?\b|is\b|was\b|ending\b|in\b|with\b){0,12}$"
)
_DATE = re.compile(r"(?:19\d|20[0-3])\d-?[01]\d-?[0-3]\d|[0-3]?\d-[01]?\d-(?:19\d|20[0-3])\d")


def cards(reading: Reading) -> Iterator[Finding]:
    """A number of its own, or the groups of a longer run that make one; two numbers below each other are none."""
    for run in reading.search(_RUN):
        groups, end = [group.span() for group in _GROUP.finditer(reading.plain, *run.span())], -1
        for first, (start, _) in enumerate(groups):
            if start >= end and (found := _card_from(reading.plain, groups[first : first + _LONGEST_CARD])):
                if not reading.is_on_one_line(start, found) and groups[first + 1][1] == found:
                    continue
                end = found
                yield Finding(start, end, Kind.CARD)


def _card_from(plain: str, groups: list[tuple[int, int]]) -> int | None:
    """Where a card ends that begins with the first group, the longest that there is."""
    digits, ends = "", None
    beginning = "".join(plain[start:end] for start, end in groups[:4])
    lengths = next((lengths for issuer, lengths in _LENGTHS if issuer.match(beginning)), ())
    for start, end in groups if lengths else ():
        digits += plain[start:end]
        if len(digits) > _LONGEST_CARD:
            break
        if len(digits) in lengths and len(set(digits)) > 1 and luhn(digits):
            ends = end
    return ends


def ibans(reading: Reading) -> Iterator[Finding]:
    for begin in reading.search(_IBAN):
        start = begin.start()
        written = reading.plain[start : start + _LONGEST_IBAN]
        end = _end_of(written, _LENGTH_OF_IBAN.get(written[:2].upper(), 0))
        written, after = written[:end], written[end : end + 1]
        in_words = " " in written and not written.isupper()  # "is 20 of them", with the words that follow
        if end and not in_words and not after.isalnum() and mod_97(_BLANKS.sub("", written)):
            yield Finding(start, start + end, Kind.IBAN)


def _end_of(written: str, length: int) -> int:
    """After how many characters there are `length` letters and digits, with single blanks or hyphens at most; or 0."""
    seen, before = 0, "-"
    for place, sign in enumerate(written, 1):
        if not (sign.isascii() and sign.isalnum()) and not (sign in " -" and before not in " -"):
            return 0
        seen, before = seen + sign.isalnum(), sign
        if length and seen == length:
            return place
    return 0


def accounts(reading: Reading) -> Iterator[Finding]:
    """Six digits or more after a word for an account; a date there is none."""
    for found in reading.search(_ACCOUNT):
        if _ACCOUNT_WORDS.search(reading.before(found.start())) and not _DATE.fullmatch(found[0]):
            yield Finding(*found.span(), Kind.ACCOUNT)
