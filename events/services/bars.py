"""Bar charts that need no script: whole numbers of an SVG, made here so that templates only print them."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDE = 10  # units a bar takes, its gap included
HIGH = 100


@dataclass(frozen=True)
class Bar:
    """`label` says what it stands for, for whoever points at it."""

    x: int
    y: int
    height: int
    label: str


@dataclass(frozen=True)
class Bars:
    """`first` and `last` name the ends of the axis; `values` are (name, number) for a table."""

    bars: Sequence[Bar]
    highest: int
    total: int
    width: int
    first: str
    last: str
    values: Sequence[tuple[str, int]]


def bars(counts: Sequence[int], names: Sequence[str]) -> Bars:
    """A bar for each count; what is more than nothing is at least two units high, so that it can be seen."""
    highest = max(counts, default=0)
    drawn = []
    for place, (count, name) in enumerate(zip(counts, names, strict=True)):
        height = max(2, round(HIGH * count / highest)) if count else 0
        drawn.append(Bar(place * WIDE, HIGH - height, height, f"{name}: {count:,}"))
    return Bars(
        bars=[bar for bar in drawn if bar.height],
        highest=highest,
        total=sum(counts),
        width=max(1, len(counts)) * WIDE,
        first=names[0] if names else "",
        last=names[-1] if names else "",
        values=[(name, count) for name, count in zip(names, counts, strict=True) if count],
    )
