"""Addresses of wallets in a text: those of Bitcoin by their checksums, those of Ethereum by their form."""

import hashlib
import re
from collections.abc import Iterator

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_SUMS = {1, 0x2BC830A3}  # of bech32 and of its successor bech32m
_LEGACY_VERSIONS = {0, 5}  # first byte: pay to a key, pay to a script

_LEGACY = re.compile(r"(?<![0-9A-Za-z])[13][1-9A-HJ-NP-Za-km-z]{25,34}(?![0-9A-Za-z])")
_SEGWIT = re.compile(r"(?<![0-9A-Za-z])bc1[02-9ac-hj-np-z]{11,87}(?![0-9A-Za-z])", re.IGNORECASE)
_ETHEREUM = re.compile(r"(?<![0-9A-Za-z])0x[0-9A-Fa-f]{40}(?![0-9A-Za-z])")


def wallets(text: str) -> Iterator[str]:
    yield from (found[0] for found in _LEGACY.finditer(text) if _is_base58_check(found[0]))
    yield from (found[0].lower() for found in _SEGWIT.finditer(text) if _is_bech32(found[0].lower()))
    yield from (found[0].lower() for found in _ETHEREUM.finditer(text))


def _is_base58_check(address: str) -> bool:
    number = 0
    for sign in address:
        number = number * 58 + _BASE58.index(sign)
    if number >= 1 << 8 * 25:
        return False
    raw = number.to_bytes(25, "big")
    twice = hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()
    return raw[0] in _LEGACY_VERSIONS and twice[:4] == raw[-4:]


def _is_bech32(address: str) -> bool:
    """As BIP 173 and BIP 350 say; the prefix is "bc"."""
    prefix = [ord(sign) >> 5 for sign in "bc"] + [0] + [ord(sign) & 31 for sign in "bc"]
    checksum = 1
    for value in [*prefix, *(_BECH32.index(sign) for sign in address[3:])]:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            checksum ^= generator if top >> place & 1 else 0
    return checksum in _BECH32_SUMS
