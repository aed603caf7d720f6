"""E-mail addresses, UPI ids and IP addresses, as they are and defanged ("me[at]mail[.]example", "192.0.2[.]4").

Every repetition has a bound, and what stands before an @ is read backwards from it: no text is read twice over.
"""

import ipaddress
import re
from collections.abc import Iterator

from classifier.ml.personal.finding import Finding, Kind
from classifier.ml.personal.reading import Reading

_OPEN, _CLOSE = r" ?[\[({<] ?", r" ?[\])}>]"
_DOT = rf"(?:\.|{_OPEN}(?:\.|dot){_CLOSE} ?)"
_AT = re.compile(rf"[@\[({{<](?:(?<=@)| ?(?:at|@){_CLOSE} ?)", re.IGNORECASE)
_IN_NAME = r"[\w.!#$%&'*+/=?^`|~-]|[\])}>](?:\.|tod)[\[({<]"  # backwards, the dot between brackets too
_LOCAL = re.compile(rf"[\w!#$%&'*+/=?^`|~-](?:(?:{_IN_NAME}){{0,98}}\w)?", re.IGNORECASE)
_DOMAIN = re.compile(rf"[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{0,8}}{_DOT}[^\W\d_]{{2,24}}(?![\w-])", re.IGNORECASE)
_HANDLE = re.compile(r"[A-Za-z]{2,20}(?![\w@-]|\.\w)")
_LONGEST_LOCAL = 100

# Endings of India's payment ids: those of the largest apps and banks, and whatever is named like one.
_UPI_HANDLES = frozenset(
    """
    upi ybl ibl axl apl yapl rapl paytm ptaxis ptsbi ptyes pthdfc oksbi okaxis okicici okhdfcbank sbi icici axis axisb
    axisgo hdfcbank hdfcbankjd kotak kaypay barodampay idbi pnb cnrb boi unionbank federal fbl fbpe idfcfirst idfcbank
    indus rbl yesbank yesbankltd kbl kvb dbs hsbc citi citigold jupiteraxis slice freecharge ikwik airtel jio postbank
    waicici waaxis wahdfcbank wasbi timecosmos tapicici sliceaxis abfspay yescred yespay goaxb naviaxis bpunity
    """.split()  # noqa: SIM905 - sixty strings in quotes are harder to read
)
_LIKE_A_BANK = re.compile(r"(?:bank|upi|pay)$", re.IGNORECASE)
_UPI_WORDS = re.compile(r"\b(?:upi|vpa|gpay|google pay|phonepe|paytm|bhim)\b[^@]{0,24}$")

_V4 = re.compile(
    rf"[0-9](?<![\w.].)(?<!\d[\])}}].)[0-9]{{0,2}}(?:{_DOT}[0-9]{{1,3}}){{3}}(?!\w|\.\d|[\[({{]\.[\])}}]\d)",
    re.IGNORECASE,
)
_COLON = r"(?:\[:\]|:)"
_V6 = re.compile(
    rf"(?<![\w:.])(?:[0-9A-Fa-f]{{0,4}}{_COLON}){{2,8}}(?:[0-9A-Fa-f]{{1,4}}|(?:\d{{1,3}}\.){{3}}\d{{1,3}})?(?![\w:])"
)
_VERSION_WORDS = re.compile(r"(?:\bversions?|\bver\.?|\brelease[sd]?|\bbuild|\bfirmware|\bpatch|\bv\.?)[ :=]{0,2}$")
_NOT_DIGITS = re.compile(r"[^\d]+")
_IDENTIFY_NOBODY = {"0.0.0.0", "255.255.255.255", "::", "::1"}  # nosec B104 # noqa: S104 - compared with, not bound to


def at_signs(reading: Reading) -> Iterator[Finding]:
    """What has an @ in it: e-mail addresses and UPI ids."""
    for at in _AT.finditer(reading.plain):
        defanged = at[0] != "@"
        start = _start_of_name(reading.plain, at.start(), blank=defanged)
        if start == at.start():
            continue
        if domain := _DOMAIN.match(reading.plain, at.end()):
            yield Finding(start, domain.end(), Kind.EMAIL)
        elif (handle := _HANDLE.match(reading.plain, at.end())) and _is_upi(reading, start, at.end(), handle[0]):
            yield Finding(start, handle.end(), Kind.UPI)


def _start_of_name(plain: str, end: int, *, blank: bool) -> int:
    """Where the name before an @ begins; `blank`: one may stand between them."""
    before = plain[max(0, end - _LONGEST_LOCAL) : end]
    if blank:
        before = before.removesuffix(" ")
    name = _LOCAL.match(before[::-1])
    return max(0, end - _LONGEST_LOCAL) + len(before) - name.end() if name else end


def _is_upi(reading: Reading, start: int, after: int, handle: str) -> bool:
    known = handle.lower() in _UPI_HANDLES or _LIKE_A_BANK.search(handle)
    return bool(known or _UPI_WORDS.search(reading.before(start)))


def ip_addresses(reading: Reading) -> Iterator[Finding]:
    """Of both versions. Not those that stand for every machine or for the own one, nor numbers of versions."""
    for found in _V4.finditer(reading.plain):
        parts = [int(part) for part in _NOT_DIGITS.split(found[0]) if part]
        identifies = max(parts) < 256 and parts[0] != 127 and ".".join(map(str, parts)) not in _IDENTIFY_NOBODY
        if identifies and not _VERSION_WORDS.search(reading.before(found.start())):
            yield Finding(*found.span(), Kind.IP)
    if "::" in reading.plain or reading.plain.count(":") > 5:
        yield from (Finding(*found.span(), Kind.IP) for found in _V6.finditer(reading.plain) if _is_v6(found[0]))


def _is_v6(written: str) -> bool:
    address = written.replace("[:]", ":")
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return address not in _IDENTIFY_NOBODY and any(sign.isdigit() for sign in address)
