"""Digests that tell events, values and entities apart: the same on every machine and after every restart."""

import hashlib
from dataclasses import dataclass

from events.stream.event import Line

KEY_BYTES = 16
POSITIVE = 2**63 - 1  # what a signed 64-bit column holds


@dataclass(frozen=True, slots=True)
class EventKey:
    """`key` names the event in its source for ever; `content` tells whether a repeated key came with other words."""

    key: bytes
    content: int


def event_key(source_id: int, given_id: str, line: Line) -> EventKey:
    """By the event's own id where it has one, else by origin, place and words, so that equal lines stay two events."""
    if given_id:
        digest = hashlib.sha256(f"{source_id}\0id\0{given_id}".encode()).digest()
        return EventKey(digest[:KEY_BYTES], _number(hashlib.sha256(line.raw).digest()))
    placed = hashlib.sha256(f"{source_id}\0{line.origin}\0{line.offset}\0".encode())
    placed.update(line.raw)
    digest = placed.digest()
    return EventKey(digest[:KEY_BYTES], _number(digest[KEY_BYTES:]))


def number_of(*parts: str | int) -> int:
    """63 bits of the digest of some parts: the key of counted values. Ten million of them collide by 1 in 200,000."""
    return _number(hashlib.sha256("\0".join(map(str, parts)).encode()).digest())


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big") & POSITIVE
