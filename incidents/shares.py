"""Shares with their intervals, and agreement between two people. Plain Python over counts."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from scipy.special import ndtri
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

LEVEL = 0.95  # of every interval

Interval = tuple[float, float]


@dataclass(frozen=True)
class Share:
    """`hits` of `n`. The interval is Wilson's, which holds for few and for extreme shares; 0 to 1 for none."""

    hits: int
    n: int

    @property
    def share(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> Interval:
        if not self.n:
            return 0.0, 1.0
        found = binomtest(self.hits, self.n).proportion_ci(LEVEL, method="wilson")
        return float(found.low), float(found.high)


@dataclass(frozen=True)
class Beyond:
    """Agreement beyond chance: 1 is perfect, 0 is chance. None where all say the same, so that chance explains it.

    The interval is that of the observed agreement, with the agreement by chance taken as known.
    """

    value: float | None
    interval: Interval | None


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> Beyond:
    """Cohen's, of two people who judged the same things; each of them has their own way of using the labels."""
    numbers = _numbers(pairs)
    if len(set(numbers)) < 2:
        return Beyond(None, None)
    ones, others = numbers[::2], numbers[1::2]
    value = float(cohen_kappa_score(ones, others))
    same = _same(pairs)
    shares = [(ones.count(number) / same.n, others.count(number) / same.n) for number in set(numbers)]
    chance = sum(one * other for one, other in shares)
    low, high = same.interval
    return Beyond(value, ((low - chance) / (1 - chance), (high - chance) / (1 - chance)))


def alpha(pairs: Sequence[tuple[Hashable, Hashable]]) -> Beyond:
    """Krippendorff's for nominal values, of things that any two of several people judged.

    By hand: the library for it is under the GPL, and takes memory by things times labels squared.
    """
    numbers = _numbers(pairs)
    if len(set(numbers)) < 2:
        return Beyond(None, None)
    n = len(numbers)
    counts = [numbers.count(number) for number in set(numbers)]
    differ = 1 - sum(count * (count - 1) for count in counts) / (n * (n - 1))  # of two values drawn at random
    same = _same(pairs)
    low, high = same.interval
    return Beyond(1 - (1 - same.hits / same.n) / differ, (1 - (1 - low) / differ, 1 - (1 - high) / differ))


def difference(ones: Mapping[int, Share], others: Mapping[int, Share]) -> tuple[float, Interval] | None:
    """How far the first shares are above the others within each numbered stratum, weighted as the others are spread.

    The interval is Agresti and Caffo's: it adds a hit and a miss to each share. None without a stratum in common.
    """
    strata = set(ones) & set(others)
    total = sum(others[stratum].n for stratum in strata)
    if not total:
        return None
    found = centre = variance = 0.0
    for stratum in strata:
        one, other, weight = ones[stratum], others[stratum], others[stratum].n / total
        found += weight * (one.hits / one.n - other.hits / other.n)
        (mean, spread), (base, base_spread) = _lifted(one), _lifted(other)
        centre += weight * (mean - base)
        variance += weight**2 * (spread + base_spread)
    reach = float(ndtri(0.5 + LEVEL / 2)) * sqrt(variance)
    return found, (max(-1.0, centre - reach), min(1.0, centre + reach))


def _numbers(pairs: Sequence[tuple[Hashable, Hashable]]) -> list[int]:
    """All values, pair by pair, as numbers."""
    known: dict[Hashable, int] = {}
    return [known.setdefault(value, len(known)) for pair in pairs for value in pair]


def _same(pairs: Sequence[tuple[Hashable, Hashable]]) -> Share:
    return Share(sum(one == other for one, other in pairs), len(pairs))


def _lifted(share: Share) -> tuple[float, float]:
    """The share with a hit and a miss more, and its variance."""
    n = share.n + 2
    mean = (share.hits + 1) / n
    return mean, mean * (1 - mean) / n
