"""A CSV file as a look-up table: its rows stay on the disk, and memory holds 20 bytes for each.

The first row names the columns. The first column holds what is looked up: a value, or a network as CIDR. Of values
that come again the last one counts, of networks around an address the smallest.
"""

import csv
import os
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from events.stream.lookup_index import Index, saved_index
from events.stream.lookup_keys import Network, address_of, around, digest, network_of, value_key
from events.stream.lookup_tables import MOST_BYTES, BadTable

MOST_ROWS = 2_000_000
MOST_COLUMNS = 40
LONGEST_ROW = 100_000  # bytes
LONGEST_CELL = 300  # characters that are told
HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class CsvTable:
    """`stream` is the file, in which `index` says where rows stand."""

    name: str
    field: str
    index: Index
    stream: BinaryIO

    def lookup(self, value: str) -> Mapping[str, Any] | None:
        """The cells of the row by their columns, empty ones left out; None where no row is about the value."""
        cells = self._row(value_key(value))
        address = address_of(value) if cells is None and self.index.networks else None
        if address is not None:
            for kind in self.index.networks:
                network = around(address, kind)
                if network and (cells := self._row(network.key)) is not None:
                    break
        if cells is None:
            return None
        told = {column: cell.strip()[:LONGEST_CELL] for column, cell in zip(self.index.columns, cells, strict=True)}
        return {column: cell for column, cell in told.items() if cell} or {"listed": True}

    def close(self) -> None:
        self.stream.close()

    def _row(self, key: str) -> list[str] | None:
        index, wanted = self.index, np.uint64(digest(key))
        place = int(np.searchsorted(index.digests, wanted))
        if place == len(index.digests) or index.digests[place] != wanted:
            return None
        raw = os.pread(self.stream.fileno(), int(index.sizes[place]), int(index.offsets[place]))
        cells = next(csv.reader(_text(raw).splitlines(keepends=True)))
        return cells[1:] if _key(cells[0])[0] == key else None


def open_csv(path: Path, name: str, field: str) -> CsvTable:
    """Keep a file open, so that it can be looked up in when it is removed. Raises BadTable.

    It is read through, unless an index of it lies beside it.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise BadTable(f"The file has more than {MOST_BYTES:,} bytes. Leave out what no event can hold.")
    stream = path.open("rb")
    try:
        return CsvTable(name, field, saved_index(index_of(path), size) or _indexed(stream), stream)
    except UnicodeDecodeError as error:
        raise BadTable("The file is no UTF-8 text. Save it as UTF-8, or give an MMDB database.") from error
    except csv.Error as error:
        raise BadTable(f"The file is no CSV that can be read ({error}). Check its quotes.") from error


def index_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.index")


def _indexed(stream: BinaryIO) -> Index:
    rows = _Rows(stream)
    header = _header(next(rows, []))
    digests, offsets, sizes, kinds = array("Q"), array("Q"), array("I"), set()
    for count, cells in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise BadTable(f"The file has more than {MOST_ROWS:,} rows. Leave out what no event can hold.")
        if len(cells) != len(header):
            raise BadTable(f"Row {count + 1} has {len(cells)} cells and the header {len(header)}. Correct the row.")
        key, network = _key(cells[0])
        if network:
            kinds.add(network.kind)
        digests.append(digest(key))
        offsets.append(rows.start)
        sizes.append(rows.end - rows.start)
    if not digests:
        raise BadTable("The file has a header and no rows.")
    keys, last = _last_of_each(np.frombuffer(digests, np.uint64))
    return Index(
        tuple(header[1:]), keys, np.frombuffer(offsets, np.uint64)[last],
        np.frombuffer(sizes, np.uint32)[last], tuple(sorted(kinds, key=lambda kind: (-kind[1], kind[0]))),
        len(digests), len(digests) - len(keys),
    )  # fmt: skip


class _Rows(Iterator[list[str]]):
    """The rows of a file without empty ones, and where in it the last one began and ended."""

    def __init__(self, stream: BinaryIO) -> None:
        self.start = self.end = 0
        self._stream = stream
        self._reader = csv.reader(self._lines())

    def __next__(self) -> list[str]:
        while True:
            self.start = self.end
            cells = next(self._reader)
            if cells:
                return cells

    def _lines(self) -> Iterator[str]:
        while raw := self._stream.readline(LONGEST_ROW + 1):
            self.end += len(raw)
            if self.end - self.start > LONGEST_ROW:
                raise BadTable(f"A row has more than {LONGEST_ROW:,} bytes. Is a quote left open? Shorten or close it.")
            yield _text(raw)


def _text(raw: bytes) -> str:
    return raw.removeprefix(BOM).replace(b"\0", b"").decode()


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    if not names or not all(names) or len(set(names)) < len(names) or len(names) > MOST_COLUMNS:
        raise BadTable(
            f"The first row must name the columns, each differently, at most {MOST_COLUMNS}: what is looked up, then"
            " what is known of it."
        )
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        raise BadTable("The columns are not separated by commas. Save the file with commas.")
    if _is_data(names[0]):
        raise BadTable("The first row holds data already. Put a row with the names of the columns above it.")
    return names


def _is_data(cell: str) -> bool:
    """Whether a cell that should be a name is an address, a network or a digest."""
    is_digest = len(cell) in {32, 40, 64, 128} and HEXADECIMAL.issuperset(cell)
    return is_digest or address_of(cell) is not None or network_of(cell) is not None


def _key(cell: str) -> tuple[str, Network | None]:
    network = network_of(cell)
    return (value_key(cell), None) if network is None else (network.key, network)


def _last_of_each(digests: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """The different digests, sorted, and where each one stands last."""
    keys, from_end = np.unique(digests[::-1], return_index=True)
    return keys, len(digests) - 1 - from_end
