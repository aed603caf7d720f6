"""A MaxMind database of a few networks, written by the published format (version 2.0)."""

import ipaddress
import struct
from collections.abc import Mapping
from typing import Any

UINT16, UINT32, UINT64 = 5, 6, 9
MARKER = b"\xab\xcd\xefMaxMind.com"


def mmdb(networks: Mapping[str, Any], ip_version: int = 4) -> bytes:
    """Records of 24 bits; each network's data under its prefix, none of which lies in another."""
    tree: list[list[Any]] = [[None, None]]
    for text, value in networks.items():
        _put(tree, ipaddress.ip_network(text), value, ip_version)
    data, places = b"", {}
    for node in tree:
        for side in (0, 1):
            if isinstance(node[side], tuple):
                places[id(node), side] = len(data)
                data += _encoded(node[side][0])
    nodes = b"".join(_record(node[side], places.get((id(node), side)), len(tree)) for node in tree for side in (0, 1))
    return nodes + bytes(16) + data + _metadata(len(tree), ip_version)


def endless(ip_version: int) -> bytes:
    """A tree of one node for each bit, both sides of which lead to the next: 2**bits branches, and no record."""
    bits = 128 if ip_version == 6 else 32
    nodes = b"".join(2 * struct.pack(">I", place)[1:] for place in range(1, bits + 1))
    return nodes + bytes(16) + _metadata(bits, ip_version)


def _metadata(count: int, ip_version: int) -> bytes:
    metadata = {
        "binary_format_major_version": (UINT16, 2), "binary_format_minor_version": (UINT16, 0),
        "build_epoch": (UINT64, 1), "database_type": "Test", "description": {}, "ip_version": (UINT16, ip_version),
        "languages": [], "node_count": (UINT32, count), "record_size": (UINT16, 24),
    }  # fmt: skip
    return MARKER + _encoded(metadata)


def _put(tree: list[list[Any]], network: Any, value: Any, ip_version: int) -> None:
    wide = 128 if ip_version == 6 else 32
    bits = f"{int(network.network_address):0{wide}b}"[: network.prefixlen + wide - network.max_prefixlen]
    place = 0
    for bit in map(int, bits[:-1]):
        if tree[place][bit] is None:
            tree.append([None, None])
            tree[place][bit] = len(tree) - 1
        place = tree[place][bit]
    tree[place][int(bits[-1])] = (value,)


def _record(target: Any, place: int | None, count: int) -> bytes:
    number = count if target is None else target if place is None else count + 16 + place
    return struct.pack(">I", number)[1:]


def _encoded(value: Any) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return _control(2, len(raw)) + raw
    if isinstance(value, dict):
        return _control(7, len(value)) + b"".join(_encoded(key) + _encoded(one) for key, one in value.items())
    if isinstance(value, list):
        return bytes([len(value), 11 - 7]) + b"".join(map(_encoded, value))
    kind, number = value
    raw = number.to_bytes(8, "big").lstrip(b"\0")
    return (bytes([len(raw), kind - 7]) if kind > 7 else _control(kind, len(raw))) + raw


def _control(kind: int, size: int) -> bytes:
    return bytes([kind << 5 | size]) if size < 29 else bytes([kind << 5 | 29, size - 29])
