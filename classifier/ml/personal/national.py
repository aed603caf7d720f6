"""Ids that states give to people, by their forms and check digits; where there is none, by the words before, too."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from classifier.ml.personal import checks
from classifier.ml.personal.finding import Finding, Kind
from classifier.ml.personal.reading import Reading

_BEFORE, _AFTER = r"(?=\w)(?<![\w.])(?<!\w[-/])(?<!\d )", r"(?!\w|[-/.,]\d)"
_SIGNS = re.compile(r"[ ./-]")


def _always(number: str) -> bool:
    return True


@dataclass(frozen=True)
class _Id:
    """`holds` gets the letters and digits alone, in capitals. Where `words` are given, one has to stand before it."""

    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = _always
    words: re.Pattern[str] | None = None


def _id(pattern: str, holds: Callable[[str], bool] = _always, words: str = "") -> _Id:
    whole = re.compile(f"(?:{pattern}){_AFTER}", re.IGNORECASE)
    return _Id(whole, holds, re.compile(rf"(?:{words})\W{{0,3}}(?:[a-z.]{{2,8}}\W{{1,3}}){{0,2}}$") if words else None)


_IDS = (
    # United States: SSN and ITIN
    _id(r"(?!000|666)\d{3}(?P<us>[ -])(?!00)\d\d(?P=us)(?!0000)\d{4}"),
    _id(r"(?!000|666)\d{3}(?!00)\d\d(?!0000)\d{4}", words=r"\bssn|social security|\bitin|tax id"),
    # India: Aadhaar in its groups, or by a word
    _id(r"[2-9]\d{3}(?P<aadhaar>[ -])\d{4}(?P=aadhaar)\d{4}(?! \d{4})", checks.verhoeff),
    _id(r"[2-9]\d{11}", checks.verhoeff, words=r"aadhaa?r|\buid(?:ai)?"),
    # Germany: tax id and pension insurance
    _id(r"[1-9]\d(?: ?\d{3}){3}", checks.mod_11_10),
    _id(r"\d\d ?[0-3]\d[01]\d{3} ?[A-Z] ?\d{3}", checks.pension_number),
    # France, Spain, Italy, Poland
    _id(r"[12] ?\d\d ?[0-9]\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", checks.french_key),
    _id(r"(?:\d{8}|[XYZ]-?\d{7})-?[A-Z]", checks.spanish_letter),
    _id(r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]", checks.italian_letter),
    _id(r"\d{11}", checks.polish_digit, words="pesel"),
    # Canada, Brazil
    _id(r"\d{3}(?P<sin>[ -])\d{3}(?P=sin)\d{3}", checks.luhn, words=r"\bsin|social insurance"),
    _id(r"\d{3}\.\d{3}\.\d{3}-\d\d", checks.brazilian_digits),
    _id(r"\d{11}", checks.brazilian_digits, words=r"\bcpf"),
    # Britain: National Insurance number
    _id(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d\d){3} ?[A-D]"),
    # India: PAN, whose fourth letter says what its holder is
    _id(r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]"),
    _id(r"[A-Z]{0,2}\d{6,9}", words=r"\bpassport|reisepass(?:nummer)?|\bpasaporte|\bpasseport"),
)


# Where any of them stands: looked for once, and each is tried there alone.
_ONE_OF_THEM = re.compile(f"{_BEFORE}(?=(?:{'|'.join(one.pattern.pattern for one in _IDS)}))", re.IGNORECASE)


def national_ids(reading: Reading) -> Iterator[Finding]:
    for place in reading.search(_ONE_OF_THEM):
        if end := max(_ends(reading, place.start()), default=0):
            yield Finding(place.start(), end, Kind.NATIONAL_ID)


def _ends(reading: Reading, start: int) -> Iterator[int]:
    for one in _IDS:
        found = one.pattern.match(reading.plain, start)
        if not found or not one.holds(_SIGNS.sub("", found[0]).upper()):
            continue
        if one.words is None or one.words.search(reading.before(start)):
            yield found.end()
