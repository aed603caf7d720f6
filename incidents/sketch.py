"""MinHash sketches of texts: which reports are worded almost alike.

Broder, "On the resemblance and containment of documents", 1997: two sets' smallest hashes agree with the
probability of their Jaccard similarity, so texts that share a band of hashes are candidates.
"""

import hashlib
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


@dataclass(frozen=True)
class Sketch:
    """`shingles`: sorted unique uint32 hashes; `bands`: BANDS signed 64-bit keys."""

    shingles: NDArray[np.uint32]
    bands: tuple[int, ...]

    def similarity(self, other: "Sketch") -> float:
        """Jaccard similarity of the two texts' shingles, 0 to 1."""
        shared = np.intersect1d(self.shingles, other.shingles, assume_unique=True).size
        return shared / (self.shingles.size + other.shingles.size - shared)


def sketch(text: str) -> Sketch:
    """Sketch a text, blind to case and to the amount of white space."""
    shingles = _shingles(" ".join(text.lower().split()))
    minima = (shingles.astype(np.uint64) * _FACTORS + _OFFSETS).min(axis=1)
    return Sketch(shingles, tuple(_band_key(minima, band) for band in range(BANDS)))


def _shingles(text: str) -> NDArray[np.uint32]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = np.pad(codes, (0, max(0, SHINGLE - codes.size)))
    count = codes.size - SHINGLE + 1
    hashes = codes[:count].copy()
    for position in range(1, SHINGLE):
        hashes *= np.uint32(1_000_003)  # modulo 2**32
        hashes += codes[position : position + count]
    hashes.sort()
    kept: NDArray[np.uint32] = hashes[np.append(True, hashes[1:] != hashes[:-1])]
    return kept


def _band_key(minima: NDArray[np.uint64], band: int) -> int:
    rows = minima[band * ROWS : (band + 1) * ROWS].tobytes()
    return int.from_bytes(hashlib.blake2b(bytes([band]) + rows, digest_size=8).digest(), "big", signed=True)
