"""MinHash sketches of texts: which reports are worded almost alike.

Broder, "On the resemblance and containment of documents", 1997: two sets' smallest hashes agree with the
probability of their Jaccard similarity, so texts that share a band of hashes are candidates.
"""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHINGLE = 5  # characters
BANDS, ROWS = 8, 4  # a pair of similarity 0.7 shares a band with probability 0.89, one of 0.3 with 0.06
_random = np.random.default_rng(20_240_101)
# Multiply-shift hashing modulo 2**64 (Dietzfelbinger et al., 1997): the factors must be odd and large enough to
# overflow, else every function keeps the shingles' own order and all of them pick the same one.
_FACTORS = _random.integers(0, 1 << 64, size=(BANDS * ROWS, 1), dtype=np.uint64) | np.uint64(1)
_OFFSETS = _random.integers(0, 1 << 64, size=(BANDS * ROWS, 1), dtype=np.uint64)
_BAND_KEYS = struct.Struct(f">{BANDS}q")
_AT_ONCE = 10_000  # characters: what is computed of these stays in a processor's cache

Shingles = NDArray[np.uint32]


@dataclass(frozen=True)
class Sketch:
    """`shingles`: sorted unique hashes; `bands`: BANDS signed 64-bit keys."""

    shingles: Shingles
    bands: tuple[int, ...]


def sketches(texts: Sequence[str]) -> list[Sketch]:
    """Sketches of texts, in order, blind to case and to the amount of white space."""
    return [one for batch in _batches(texts) for one in _sketches(batch)]


def shingle_sets(texts: Sequence[str]) -> list[Shingles]:
    """The shingles of texts alone, for less than half of the work."""
    return [one for batch in _batches(texts) for one in np.split(*_shingles(batch))]


def similarity(one: Shingles, other: Shingles) -> float:
    """Jaccard similarity of two texts' shingles, 0 to 1."""
    both = np.concatenate((one, other))
    both.sort()
    shared = np.count_nonzero(both[1:] == both[:-1])
    return shared / (both.size - shared)


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(" ".join(text.lower().split()).ljust(SHINGLE, "\0"))
        size += len(batch[-1])
        if size >= _AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _sketches(texts: Sequence[str]) -> Iterator[Sketch]:
    shingles, ends = _shingles(texts)
    starts = np.concatenate(([0], ends))
    wide = shingles.astype(np.uint64)
    hashed = wide * _FACTORS
    hashed += _OFFSETS
    minima = np.minimum.reduceat(hashed, starts, axis=1)
    for own, smallest in zip(np.split(shingles, ends), minima.T, strict=True):
        yield Sketch(own, _band_keys(smallest.tobytes()))


def _shingles(texts: Sequence[str]) -> tuple[Shingles, NDArray[np.intp]]:
    """The shingles of all texts, one after the other, and where those of the second and of each later one begin."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    counts = np.array([len(text) - SHINGLE + 1 for text in texts])
    hashes = codes[: codes.size - SHINGLE + 1].copy()
    for position in range(1, SHINGLE):
        hashes *= np.uint32(1_000_003)  # modulo 2**32
        hashes += codes[position : position + hashes.size]
    numbers = np.repeat(np.arange(len(texts), dtype=np.uint64), counts)
    # Shingles that begin in one text and end in the next belong to none.
    within = np.arange(numbers.size) + np.repeat(np.arange(len(texts)) * (SHINGLE - 1), counts)
    keys = numbers << np.uint64(32) | hashes[within]
    keys.sort()
    unique = keys[np.append(True, keys[1:] != keys[:-1])]
    ends = np.searchsorted(unique >> np.uint64(32), np.arange(1, len(texts), dtype=np.uint64))
    return unique.astype(np.uint32), ends


def _band_keys(minima: bytes) -> tuple[int, ...]:
    width = len(minima) // BANDS
    parts = (bytes([band]) + minima[band * width : (band + 1) * width] for band in range(BANDS))
    return _BAND_KEYS.unpack(b"".join(hashlib.blake2b(part, digest_size=8).digest() for part in parts))
