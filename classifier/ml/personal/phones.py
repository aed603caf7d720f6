"""Telephone numbers: with a country's code, in the forms of several countries, or after a word that announces one."""

import re
from collections.abc import Iterator

from classifier.ml.personal.finding import Finding, Kind
from classifier.ml.personal.reading import Reading

_START, _END = r"(?<![\w.+=&%].)(?<!\w[-/#].)", r"(?!\w|[.,:]\d|-\w)"
_GAP = r"[ ().\-/]{0,3}"
_FORMS = (
    # A plus or 00 and a country's code
    rf"[+(0](?<![\w.+-].)(?:(?<=\+)|(?<=\()\+|(?<=0)(?<!\d 0)0(?=[1-9])) ?\(?[1-9](?:{_GAP}\d){{7,13}}{_END}",
    # North America: (212) 555-0123, 212-555-0123, 212.555.0123
    rf"[(\d]{_START}(?:(?<=1)[ .-])?(?:(?:(?<=[(])|\()[2-9]\d\d\) ?[2-9]\d\d[ .-]?\d{{4}}"
    rf"|(?:(?<=[2-9])|(?<=[ .-])[2-9])\d\d(?P<sign>[ .-])[2-9]\d\d(?P=sign)\d{{4}}){_END}",
    # India: ten digits, the first from 6 to 9
    rf"[06-9]{_START}(?:(?<=0)[6-9]|(?<=9)1[ -]?[6-9])?\d{{4}}[ -]?\d{{5}}{_END}",
    # A trunk zero and groups, as in Germany, Britain and France: 030 1234567, (020) 7946 0018, 01 23 45 67 89
    rf"[(0]{_START}(?<!\d .)(?:(?<=0)|0)[1-9]\d{{0,4}}\)?[ /-]{{1,3}}\d{{2,8}}(?:[ -]\d{{2,8}}){{0,4}}{_END}",
    # Mobiles of Germany and Britain without a blank
    rf"0{_START}(?:1[5-7]\d{{8,9}}|7\d{{9}}){_END}",
)
_BY_FORM = [re.compile(form) for form in _FORMS]
_ANY = re.compile(rf"[(\d](?<![\w.,+]\d)(?<!\w-\d)\d?(?:{_GAP}\d){{6,13}}{_END}")
_WORDS = re.compile(
    r"\b(?:(?:tele)?(?:phones?|fon)|tel|telefonnummer|mobiles?|mob|cell|handy|fax|sms|whatsapp|hotline|helpline|"
    r"call(?:ed|ing|s)?|dial(?:led)?|rang|ring|teléfono|móvil|téléphone)\b"
    r"(?:[ \t:=.,#'\"-]|numbers?\b|nummer\b|nos?\b|nr\b|is\b|was\b|at\b|on\b|me\b|us\b|from\b|by\b|the\b|my\b|him\b|"
    r"her\b|it\b|unter\b){0,10}$"
)
_OTHER_NUMBER = re.compile(
    r"(?:\b(?:orders?|tickets?|invoices?|cases?|ref(?:erence)?|incidents?|transactions?|txn|utr|rrn|tracking|serial|"
    r"build|version|pid|rfc|bug|id|batch|parcel|shipment|awb|article|item|request|imei|crn|complaint|error|job)\b"
    r"(?: (?:numbers?|nos?|ids?|codes?)\b)?(?: is\b)?|#)[ .:#=-]{0,3}$"
)
_DATE = re.compile(r"\d{1,2}[./ -]\d{1,2}[./ -](?:19|20)\d\d|(?:19|20)\d\d[./ -]\d\d[./ -]\d\d")
_A_DIGIT = re.compile(r"\d")


def phones(reading: Reading) -> Iterator[Finding]:
    """Where nothing but digits makes the form, it is on one line: two numbers below each other are seldom one."""
    for form in _BY_FORM:
        for found in reading.search(form):
            whole = found[0][0] in "+(" or reading.is_on_one_line(*found.span())
            if whole and _may_be(found[0], least=9) and not _OTHER_NUMBER.search(reading.before(found.start())):
                yield Finding(*found.span(), Kind.PHONE)
    for found in reading.search(_ANY):
        if _may_be(found[0], least=7) and _WORDS.search(reading.before(found.start())):
            yield Finding(*found.span(), Kind.PHONE)


def _may_be(written: str, least: int) -> bool:
    return least <= len(_A_DIGIT.findall(written)) <= 15 and not _DATE.match(written)
