"""What a look-up table is searched by: values blind to case, addresses in one spelling, networks."""

import ipaddress
from dataclasses import dataclass
from hashlib import blake2b

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Network:
    """`bits` is the length of its prefix, `first` its first address as a number."""

    version: int
    bits: int
    first: int

    @property
    def key(self) -> str:
        return f"{self.first}/{self.bits}/{self.version}"

    @property
    def kind(self) -> tuple[int, int]:
        return self.version, self.bits


def value_key(value: str) -> str:
    """
    >>> value_key(" Evil.Example "), value_key("2001:DB8:0::1"), value_key("::ffff:192.0.2.1")
    ('evil.example', '2001:db8::1', '192.0.2.1')
    """
    text = value.strip().casefold()
    address = address_of(text) if ":" in text else None
    return text if address is None else str(address)


def address_of(value: str) -> Address | None:
    """An address in any spelling; an IPv4 one for an IPv6 one that only wraps it."""
    try:
        address = ipaddress.ip_address(value.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network_of(value: str) -> Network | None:
    """A network as CIDR, whatever bits stand behind its prefix; None for all else."""
    if "/" not in value:
        return None
    try:
        network = ipaddress.ip_network(value.strip(), strict=False)
    except ValueError:
        return None
    return Network(network.version, network.prefixlen, int(network.network_address))


def around(address: Address, kind: tuple[int, int]) -> Network | None:
    """The network of that version and length which an address lies in."""
    version, bits = kind
    if version != address.version:
        return None
    rest = address.max_prefixlen - bits
    return Network(version, bits, int(address) >> rest << rest)


def digest(key: str) -> int:
    """64 bits. Two keys of one digest are told apart by reading the row."""
    return int.from_bytes(blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big")
