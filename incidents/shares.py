"""Shares with their intervals, and agreement between two people. Plain Python over counts.

By hand, though scikit-learn, SciPy and a package under the GPL know these, too: with every pair of people on a page,
their checks of what they are given take longer than all else. Tests compare with the first two, and alpha with the
examples of its authors.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

LEVEL = 0.95  # of every interval
Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)

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
        share, lift = self.hits / self.n, Z**2 / self.n
        centre = (share + lift / 2) / (1 + lift)
        reach = Z * sqrt(share * (1 - share) / self.n + lift / (4 * self.n)) / (1 + lift)
        return max(0.0, centre - reach), min(1.0, centre + reach)


@dataclass(frozen=True)
class Beyond:
    """Agreement beyond chance: 1 is perfect, 0 is chance. None where all say the same, so that chance explains it.

    The interval is that of the observed agreement, with the agreement by chance taken as known.
    """

    value: float | None
    interval: Interval | None


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> Beyond:
    """Cohen's, of two people who judged the same things; each of them has their own way of using the labels."""
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    return _beyond(
        pairs, chance=sum(number * others[value] for value, number in ones.items()) / max(len(pairs), 1) ** 2
    )


def alpha(pairs: Sequence[tuple[Hashable, Hashable]]) -> Beyond:
    """Krippendorff's for nominal values, of things that any two of several people judged."""
    values = Counter(value for pair in pairs for value in pair)
    alike, all_pairs = sum(n * (n - 1) for n in values.values()), values.total() * (values.total() - 1)
    return _beyond(pairs, chance=alike / max(all_pairs, 1))


def _beyond(pairs: Sequence[tuple[Hashable, Hashable]], *, chance: float) -> Beyond:
    same = Share(sum(one == other for one, other in pairs), len(pairs))
    if same.share is None or chance == 1:
        return Beyond(None, None)
    low, high = same.interval
    return Beyond((same.share - chance) / (1 - chance), ((low - chance) / (1 - chance), (high - chance) / (1 - chance)))


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
    reach = Z * sqrt(variance)
    return found, (max(-1.0, centre - reach), min(1.0, centre + reach))


def _lifted(share: Share) -> tuple[float, float]:
    """The share with a hit and a miss more, and its variance."""
    n = share.n + 2
    mean = (share.hits + 1) / n
    return mean, mean * (1 - mean) / n
