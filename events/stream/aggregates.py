"""Running aggregates of one entity: what they are, how an event is added, how two of them merge.

Everything is a commutative monoid: moments by Welford's step and Chan's merge (Chan, Golub and LeVeque 1979), decayed
sums by forward decay (Cormode et al. 2009), minute panes by addition. The same arithmetic stands in the SQL of the
upserts; here it serves to read features before an event is added, and to build a micro-batch's part.
"""

import math
from dataclasses import dataclass, field

HALF_LIFE = 3600.0  # seconds; "lately" is about the last hour
DECAY = math.log(2) / HALF_LIFE
FAR = 700.0  # exponents beyond it are zero, and PostgreSQL would raise
WINDOW = 60  # minutes that panes are read back


class Moments:
    """Of one numeric field. `weight` and `total` are the decayed count and sum, as of `at` (seconds since 1970)."""

    __slots__ = ("at", "high", "low", "m2", "mean", "n", "total", "weight")

    def __init__(
        self, n: int, mean: float, m2: float, low: float, high: float, weight: float, total: float, at: float
    ) -> None:
        self.n, self.mean, self.m2, self.low, self.high = n, mean, m2, low, high
        self.weight, self.total, self.at = weight, total, at

    @classmethod
    def of(cls, value: float, at: float) -> "Moments":
        return cls(1, value, 0.0, value, value, 1.0, value, at)

    def add(self, value: float, at: float) -> None:
        """An event that is late enters with the weight that it would have kept by now."""
        self.n += 1
        delta = value - self.mean
        self.mean += delta / self.n
        self.m2 += delta * (value - self.mean)
        if value < self.low:
            self.low = value
        if value > self.high:
            self.high = value
        if at >= self.at:
            left = faded(at - self.at)
            self.weight, self.total, self.at = self.weight * left + 1.0, self.total * left + value, at
        else:
            late = faded(self.at - at)
            self.weight += late
            self.total += late * value

    def merge(self, other: "Moments") -> None:
        n, delta = self.n + other.n, other.mean - self.mean
        self.m2 += other.m2 + delta * delta * self.n * other.n / n
        self.mean += delta * other.n / n
        self.n, self.low, self.high = n, min(self.low, other.low), max(self.high, other.high)
        at = max(self.at, other.at)
        mine, theirs = faded(at - self.at), faded(at - other.at)
        self.weight = self.weight * mine + other.weight * theirs
        self.total = self.total * mine + other.total * theirs
        self.at = at

    @property
    def variance(self) -> float:
        """Of the sample; 0 for fewer than two values."""
        return self.m2 / (self.n - 1) if self.n > 1 else 0.0

    @property
    def decayed_mean(self) -> float:
        return self.total / self.weight if self.weight else self.mean


@dataclass(slots=True)
class EntityState:
    """What is known of an entity. `fields` by slot, `panes` events by minute since 1970, the last `WINDOW` at least."""

    events: int = 0
    weight: float = 0.0
    at: float = 0.0
    fields: dict[int, Moments] = field(default_factory=dict)
    panes: dict[int, int] = field(default_factory=dict)

    def add(self, at: float, numbers: dict[int, float]) -> None:
        """Count an event with its values by slot."""
        self.events += 1
        if at >= self.at:
            self.weight, self.at = self.weight * faded(at - self.at) + 1.0, at
        else:
            self.weight += faded(self.at - at)
        minute = int(at // 60)
        self.panes[minute] = self.panes.get(minute, 0) + 1
        if len(self.panes) > 2 * WINDOW:
            newest = max(self.panes)
            self.panes = {one: n for one, n in self.panes.items() if one > newest - WINDOW}
        for slot, value in numbers.items():
            if known := self.fields.get(slot):
                known.add(value, at)
            else:
                self.fields[slot] = Moments.of(value, at)

    def rate(self, at: float) -> float:
        """Events an hour, lately."""
        return self.weight * faded(at - self.at) * DECAY * 3600.0 if at > self.at else self.weight * DECAY * 3600.0

    def lately(self, at: float) -> tuple[int, int]:
        """Events in the last 5 and the last 60 minutes, to the minute."""
        now = int(at // 60)
        five = hour = 0
        for minute, events in self.panes.items():
            if now - WINDOW < minute <= now:
                hour += events
                if minute > now - 5:
                    five += events
        return five, hour


def faded(seconds: float) -> float:
    """The weight that is left after some seconds (at least 0), 1 at once."""
    exponent = DECAY * seconds
    return math.exp(-exponent) if exponent < FAR else 0.0
