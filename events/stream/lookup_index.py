"""Where the rows of a CSV table stand, kept beside it: a process then opens a large one in a moment, not in seconds."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

LAYOUT = 1  # grows when keys, digests or arrays become others: what was kept before is then no longer read


@dataclass(frozen=True, eq=False)
class Index:
    """`digests` (N,) of keys, sorted, with the place in the file and the size in bytes of each one's row.

    `networks` are the (version, bits) that occur, the longest prefix first. `repeated` counts rows that a later one
    replaced.
    """

    columns: tuple[str, ...]
    digests: NDArray[np.uint64]
    offsets: NDArray[np.uint64]
    sizes: NDArray[np.uint32]
    networks: tuple[tuple[int, int], ...]
    rows: int
    repeated: int

    def save(self, stream: BinaryIO, table_size: int) -> None:
        """`table_size` is that of the table's file in bytes, by which an index of another one is noticed."""
        np.savez(
            stream, about=np.array([LAYOUT, table_size, self.rows, self.repeated], np.int64),
            columns=np.array(self.columns, np.str_), networks=np.array(self.networks, np.int64).reshape(-1, 2),
            digests=self.digests, offsets=self.offsets, sizes=self.sizes,
        )  # fmt: skip


def saved_index(path: Path, table_size: int) -> Index | None:
    """None where there is none, or none that can be read or that is of this table: it is made anew from the rows."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            layout, size, rows, repeated = arrays["about"].tolist()
            if (layout, size) != (LAYOUT, table_size):
                return None
            columns, networks = arrays["columns"].tolist(), arrays["networks"].tolist()
            places = {name: arrays[name] for name in ("digests", "offsets", "sizes")}
    except Exception:  # damage to an archive has a dozen errors; the rows are there to make the index anew
        return None
    kinds = tuple((version, bits) for version, bits in networks)
    return Index(tuple(columns), **places, networks=kinds, rows=rows, repeated=repeated)
