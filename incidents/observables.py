"""Addresses, domains, hashes and wallets in a text, defanged ones ("hxxp://evil[.]example") too.

ioc-finder reads them. It meets words that can be one, and no more: on the whole text it takes minutes for 20,000
brackets, and most reports have nothing for it to read. Wallets it does not know.
"""

import logging
import re
from collections.abc import Iterator

from incidents.models import Observable
from incidents.wallets import wallets

logging.getLogger("ioc_finder").setLevel(logging.CRITICAL)  # it tells of every text, and at worst what is in it

Kind = Observable.Kind

MOST = 100  # observables of one report
LONGEST = 500  # characters of one
MOST_WORDS = 200  # that are read: of very many, the first

_NAMES = {
    "urls": Kind.URL,
    "email_addresses": Kind.EMAIL,
    "ipv4s": Kind.IP,
    "ipv6s": Kind.IP,
    "domains": Kind.DOMAIN,
    "sha256s": Kind.HASH,
    "sha1s": Kind.HASH,
    "md5s": Kind.HASH,
}
# Documents and programs whose endings are top-level domains too: "readme.md" in a report is no domain.
_FILE_ENDINGS = (".md", ".zip", ".py", ".sh", ".rs", ".pl", ".ps", ".cc", ".so", ".mov", ".app", ".bat", ".java")
_DEFANGED = re.compile(r"\s?[\[({]\s?(\.|dot|at|@|:)\s?[\])}]\s?", re.IGNORECASE)
_FANGED = {"dot": ".", "at": "@"}
_BETWEEN_WORDS = re.compile(r"[\s,;|<>\"'`]+")
_CAN_BE_ONE = re.compile(r"[^\W_][.:@]+[^\W_]|://|[0-9A-Fa-f]{32}|^[0-9A-Fa-f:]*::[0-9A-Fa-f:]*$")


def find_observables(text: str) -> list[tuple[str, str]]:
    """(kind, value) of what stands in the text, each once; at most `MOST`, none longer than `LONGEST`."""
    found = dict.fromkeys((kind, value) for kind, value in _found(text) if 0 < len(value) <= LONGEST)
    return list(found)[:MOST]


def _found(text: str) -> Iterator[tuple[str, str]]:
    from ioc_finder import find_iocs  # by whom it is needed: its grammars take a second to load

    purses = list(wallets(text))
    words = _words(text)
    read = (
        find_iocs("\n".join(words), parse_urls_without_scheme=False, included_ioc_types=list(_NAMES)) if words else {}
    )
    for name, kind in _NAMES.items():
        for value in read.get(name, ()):
            if _stands(kind, value, purses):
                yield kind, value
    yield from ((Kind.WALLET, purse) for purse in purses)


def _words(text: str) -> list[str]:
    plain = _DEFANGED.sub(lambda sign: _FANGED.get(sign[1].lower(), sign[1]), text)
    words = (word.strip("()[]{}.!?:*_") for word in _BETWEEN_WORDS.split(plain))
    likely = dict.fromkeys(word for word in words if 4 <= len(word) <= LONGEST and _CAN_BE_ONE.search(word))
    return list(likely)[:MOST_WORDS]


def _stands(kind: str, value: str, purses: list[str]) -> bool:
    """Whether it is what it looks like."""
    if kind == Kind.DOMAIN:
        return not value.lower().endswith(_FILE_ENDINGS)
    return kind != Kind.HASH or f"0x{value.lower()}" not in purses
