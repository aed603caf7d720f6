"""How far a cheaper variant of a model answers as the model itself does, and whether that is near enough to serve."""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, astuple, dataclass
from statistics import median
from typing import Any

import numpy as np

from classifier.ml.results import Classification

MINIMUM_AGREEMENT = 0.99  # share of texts
ENOUGH = 200  # texts; of fewer, one more or less changes too much
# Of a text's vector and its float vector. Trained models reach 0.997, where another text's nearest is at 0.92 and
# bfloat16 on a GPU, whose vectors live in the same space, shifts anomaly percentiles just as far.
MINIMUM_COSINE = 0.99
MINIMUM_SPEEDUP = 0.8  # below: a processor or a build of torch that has no kernel for it


def decided_labels(result: Classification) -> frozenset[int]:
    """The decision of those who rely on every answer."""
    return frozenset(result.decided)


@dataclass(frozen=True, slots=True)
class VariantMeasure:
    """A variant beside the model itself, on the same texts."""

    n: int  # texts
    agreement: float  # share of texts with the same decision
    largest_change: float  # of any probability
    lowest_cosine: float  # between a text's two vectors
    speedup: float  # median over batches

    @classmethod
    def of(
        cls,
        model: Sequence[Classification],
        variant: Sequence[Classification],
        speedup: float,
        decision: Callable[[Classification], Hashable] = decided_labels,
    ) -> "VariantMeasure":
        """Of at least one text that both have answered; `decision` is what has to be the same."""
        pairs = list(zip(model, variant, strict=True))
        return cls(
            n=len(pairs),
            agreement=float(np.mean([decision(one) == decision(other) for one, other in pairs])),
            largest_change=max(float(np.abs(one.probabilities - other.probabilities).max()) for one, other in pairs),
            lowest_cosine=min(_cosine(one, other) for one, other in pairs),
            speedup=speedup,
        )

    @classmethod
    def merged(cls, parts: "Sequence[VariantMeasure]") -> "VariantMeasure":
        """Of all texts of at least one part; the speed is the median over parts."""
        n = sum(part.n for part in parts)
        return cls(
            n=n,
            agreement=sum(round(part.agreement * part.n) for part in parts) / n,
            largest_change=max(part.largest_change for part in parts),
            lowest_cosine=min(part.lowest_cosine for part in parts),
            speedup=median(part.speedup for part in parts),
        )

    @property
    def on_enough(self) -> bool:
        return self.n >= ENOUGH

    @property
    def passed(self) -> bool:
        return not self.objection

    @property
    def objection(self) -> str:
        """Why the variant is not to serve, as a sentence; "" where it may."""
        if not self.on_enough:
            return f"measured on {self.n} reports only, and {ENOUGH} are needed"
        if not self.agreement >= MINIMUM_AGREEMENT:
            return f"{self.agreement:.2%} of {self.n} reports decided alike, and {MINIMUM_AGREEMENT:.0%} are needed"
        if not self.lowest_cosine >= MINIMUM_COSINE:
            return f"a vector is off by a cosine of {self.lowest_cosine:.3f}, and {MINIMUM_COSINE} is needed"
        if not self.speedup >= MINIMUM_SPEEDUP:
            return f"it is slower: {self.speedup:.2g} times the speed"
        return ""

    def to_json(self) -> dict[str, Any]:
        """`passed` is for those who read the row; it is never read back."""
        return {**asdict(self), "passed": self.passed}

    @classmethod
    def from_json(cls, data: Any) -> "VariantMeasure | None":
        """None for anything that is no measurement."""
        try:
            n, *figures = (data[name] for name in cls.__dataclass_fields__)
            measured = cls(int(n), *map(float, figures))
            sane = 0 <= measured.agreement <= 1 and all(map(math.isfinite, astuple(measured)))
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
        return measured if sane else None


def _cosine(one: Classification, other: Classification) -> float:
    assert one.vector is not None and other.vector is not None, "a served model gives every text a vector"
    return float(one.vector @ other.vector)
