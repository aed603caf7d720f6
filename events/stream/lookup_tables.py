"""Look-up tables that lie on this machine: CSV by value or network, MMDB by address."""

import csv
import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import maxminddb

MOST_ROWS = 2_000_000
MOST_BYTES = 200_000_000
MOST_COLUMNS = 40
LONGEST = 300  # characters of a cell that are kept

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadTable(ValueError):
    """A file is no table that can be looked up in; the message says why and what to do."""


@dataclass(frozen=True)
class CsvTable:
    """`values` by folded value; `networks` by length of the prefix, the longest first, then by its first address."""

    name: str
    field: str
    columns: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    networks: Mapping[tuple[int, int], Mapping[int, tuple[str, ...]]]
    rows: int
    repeated: int

    def lookup(self, value: str) -> Mapping[str, Any] | None:
        found = self.values.get(value.casefold())
        if found is None and self.networks:
            found = self._network(value)
        if found is None:
            return None
        return {column: cell for column, cell in zip(self.columns, found, strict=True) if cell} or {"listed": True}

    def _network(self, value: str) -> tuple[str, ...] | None:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return None
        bits = address.max_prefixlen
        for (version, length), rows in self.networks.items():
            if version == address.version and (found := rows.get(int(address) >> (bits - length) << (bits - length))):
                return found
        return None


def read_csv(path: Path, name: str, field: str) -> CsvTable:
    """A header, then one value or network (CIDR) a row in the first column. Raises BadTable.

    A value that comes again: the last one wins.
    """
    if path.stat().st_size > MOST_BYTES:
        raise BadTable(f"The file has more than {MOST_BYTES:,} bytes. Leave out what no event can hold.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return _read(stream, name, field)
    except UnicodeDecodeError as error:
        raise BadTable("The file is no UTF-8 text. Save it as UTF-8, or choose MMDB for a binary database.") from error
    except csv.Error as error:
        raise BadTable(f"The file is no CSV that can be read ({error}). Check its quotes.") from error


def _read(stream: TextIO, name: str, field: str) -> CsvTable:
    rows = _rows(stream)
    header = next(rows, None)
    if not header or not all(cell.strip() for cell in header) or len(header) > MOST_COLUMNS:
        raise BadTable(
            f"The first row must name the columns, at most {MOST_COLUMNS}: the value, then what is known of it."
        )
    values: dict[str, tuple[str, ...]] = {}
    networks: dict[tuple[int, int], dict[int, tuple[str, ...]]] = {}
    count = repeated = 0
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise BadTable(f"The file has more than {MOST_ROWS:,} rows. Leave out what no event can hold.")
        if len(row) != len(header):
            raise BadTable(f"Row {count + 1} has {len(row)} cells and the header {len(header)}. Correct the row.")
        cells = tuple(cell.strip()[:LONGEST] for cell in row[1:])
        network = _network_of(row[0].strip())
        if network is None:
            key: Any = row[0].strip().casefold()
            held: dict[Any, tuple[str, ...]] = values
        else:
            held = networks.setdefault((network.version, network.prefixlen), {})
            key = int(network.network_address)
        repeated += key in held
        held[key] = cells
    if not count:
        raise BadTable("The file has a header and no rows.")
    longest_first = dict(sorted(networks.items(), key=lambda item: -item[0][1]))
    return CsvTable(name, field, tuple(cell.strip() for cell in header[1:]), values, longest_first, count, repeated)


def _rows(stream: TextIO) -> Iterator[list[str]]:
    for row in csv.reader(line.replace("\0", "") for line in stream):
        if row:
            yield row


def _network_of(value: str) -> Network | None:
    if "/" not in value:
        return None
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None


class MmdbTable:
    """A MaxMind database, read from the disk as it is asked."""

    def __init__(self, path: Path, name: str, field: str) -> None:
        """Raises BadTable."""
        self.name, self.field = name, field
        try:
            self._reader = maxminddb.open_database(str(path))
        except (maxminddb.InvalidDatabaseError, ValueError, OSError) as error:
            raise BadTable(f"The file is no MMDB database that can be read ({type(error).__name__}).") from error

    def lookup(self, value: str) -> Mapping[str, Any] | None:
        """None too for what is no address. Raises maxminddb's errors for a broken database."""
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return None
        if address.version == 6 and self._reader.metadata().ip_version == 4:
            return None
        found = self._reader.get(address)
        return found if isinstance(found, dict) else None if found is None else {"value": found}

    def close(self) -> None:
        self._reader.close()
