"""Digests that tell events and values apart: the same on every machine and after every restart."""

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
    """By the event's own id where it has one, else by origin, place and words, so that equal lines stay two events.

    The latter is 4 bytes of the origin's digest, 6 of the place, 6 of the words' digest: in the order in which lines
    come, so that a table's unique index grows at its end. Other words with an equal digest differ in `content`.
    """
    words = hashlib.sha256(line.raw).digest()
    content = int.from_bytes(words[8:16], "big") & POSITIVE
    if given_id:
        return EventKey(hashlib.sha256(f"{source_id}\0id\0{given_id}".encode()).digest()[:KEY_BYTES], content)
    origin = hashlib.sha256(line.origin.encode()).digest()[:4]
    return EventKey(origin + (line.offset & (2**48 - 1)).to_bytes(6, "big") + words[:6], content)


def number_of(*parts: str | int) -> int:
    """63 bits of the digest of some parts: the key of counted values. Ten million of them collide by 1 in 200,000."""
    return int.from_bytes(hashlib.sha256("\0".join(map(str, parts)).encode()).digest()[:8], "big") & POSITIVE
