"""Look-up tables that lie on this machine: CSV by value or network, MMDB by address."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import maxminddb

from events.stream.enrichment_plug import LookupFailed
from events.stream.lookup_keys import address_of

MOST_BYTES = 200_000_000
PROBED = 1_000  # networks of an MMDB that are read when it is opened
END = 131_072  # bytes at the end of an MMDB among which its marker stands
MARKER = b"\xab\xcd\xefMaxMind.com"


class BadTable(LookupFailed):
    """A file is no table that can be looked up in; the message says why and what to do."""


class MmdbTable:
    """A MaxMind database, read from the disk as it is asked."""

    def __init__(self, path: Path, name: str, field: str) -> None:
        """Reads its first networks, so that a damaged one is noticed. Raises BadTable."""
        self.name, self.field = name, field
        try:
            self._reader = maxminddb.open_database(str(path))
            _probe(self._reader)
        except (maxminddb.InvalidDatabaseError, ValueError, RecursionError, OSError) as error:
            raise BadTable(
                "The file is no MMDB database that can be read. Fetch it again from where it came."
            ) from error

    def lookup(self, value: str) -> Mapping[str, Any] | None:
        """None too for what is no address. Raises maxminddb's errors for a broken database."""
        address = address_of(value)
        if address is None or (address.version == 6 and self._reader.metadata().ip_version == 4):
            return None
        found = self._reader.get(address)
        return found if isinstance(found, dict) else None if found is None else {"value": found}

    def close(self) -> None:
        self._reader.close()


def _probe(reader: maxminddb.Reader) -> None:
    """Read one network after the other, each by its address: that takes a step a bit.

    The reader's own iteration walks the tree, which in a file of some hundred bytes can have 2**128 branches.
    """
    kind = IPv6Address if reader.metadata().ip_version == 6 else IPv4Address
    wide, place = kind(0).max_prefixlen, 0
    for _ in range(PROBED):
        _, bits = reader.get_with_prefix_len(kind(place))
        place += 1 << wide - bits
        if place >> wide:
            return


def is_mmdb(path: Path) -> bool:
    """Whether a file has the marker of an MMDB database."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - END))
        return MARKER in stream.read()
