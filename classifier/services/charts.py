"""Places of what is drawn in charts without a script: numbers as SVG attributes want them, in any language."""

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.ml.learning_curve import Curve
from classifier.ml.reliability import Bin
from classifier.services.trend import TrendPoint
from classifier.wording import share

WIDTH, HEIGHT = 340, 250  # of the view box
LEFT, RIGHT, TOP, BOTTOM = 36, 18, 8, 34  # room for the axes' words


@dataclass(frozen=True)
class Tick:
    """`side`: where its words begin, so that those at the ends stay within the chart."""

    at: str
    text: str
    side: str = "middle"


@dataclass(frozen=True)
class Mark:
    """A point with its interval from `low` to `high` (both as places, `low` below); `words` tell it."""

    x: str
    y: str
    low: str
    high: str
    words: str
    strong: bool = False


@dataclass(frozen=True)
class Chart:
    """`marks` with intervals, `others` without; each also as a line."""

    marks: Sequence[Mark]
    others: Sequence[Mark]
    across: Sequence[Tick]
    up: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM

    @property
    def line(self) -> str:
        return " ".join(f"{mark.x},{mark.y}" for mark in self.marks)

    @property
    def other_line(self) -> str:
        return " ".join(f"{mark.x},{mark.y}" for mark in self.others)


def reliability_chart(bins: Sequence[Bin]) -> Chart:
    """Across how sure the model was, up how often it was right; both from 0 to 100 %."""
    ticks = [i / 4 for i in range(5)]
    return Chart(
        marks=[Mark(_x(one.confidence), _y(one.right), _y(one.low), _y(one.high), _bin_words(one)) for one in bins],
        others=[],
        across=[Tick(_x(at), f"{at * 100:.0f}\u00a0%") for at in ticks],
        up=[Tick(_y(at), f"{at * 100:.0f}\u00a0%") for at in ticks],
    )


def trend_chart(points: Sequence[TrendPoint], *, by_date: bool) -> Chart:
    """Across the training reports, or the days; up accuracy with its interval, and macro-F1 as the others."""
    ordered = sorted(points, key=lambda point: point.made) if by_date else points
    values = [point.made.timestamp() if by_date else float(point.training_reports) for point in ordered]
    first, last = min(values, default=0.0), max(values, default=1.0)
    if not by_date:
        first = 0.0
    spread = (last - first) or 1.0
    places = [(value - first) / spread if last > first else 0.5 for value in values]
    return Chart(
        marks=[_mark(point, at) for point, at in zip(ordered, places, strict=True)],
        others=[
            Mark(_x(at), _y(point.macro_f1), "", "", f"{point.name}: macro-F1 {share(point.macro_f1)}")
            for point, at in zip(ordered, places, strict=True)
        ],
        across=_days(ordered, last > first) if by_date else _counts(last),
        up=[Tick(_y(i / 4), f"{i * 25}\u00a0%") for i in range(5)],
    )


def learning_chart(curve: Curve) -> Chart:
    """Across the labels, up the F1 measured with so many, and behind them the forecast with its interval."""
    last = float(curve.labels + (curve.more if curve.then is not None else 0))
    marks = [
        Mark(_x(count / last), _y(f1), _y(f1), _y(f1), f"{count:,.0f}: F1 {f1:.2f}")
        for count, f1 in zip(curve.counts, curve.f1, strict=True)
    ]
    if curve.then is not None and curve.then_low is not None and curve.then_high is not None:
        words = f"{last:,.0f}: F1 {curve.then:.2f} ({curve.then_low:.2f} – {curve.then_high:.2f})"
        marks.append(Mark(_x(1.0), _y(curve.then), _y(curve.then_low), _y(curve.then_high), words, strong=True))
    return Chart(marks=marks, others=[], across=_counts(last), up=[Tick(_y(i / 4), f"{i / 4:g}") for i in range(5)])


def _mark(point: TrendPoint, at: float) -> Mark:
    accuracy = point.accuracy
    words = f"{point.name}: {share(accuracy.value)} ({share(accuracy.low)} – {share(accuracy.high)})"
    return Mark(
        _x(at), _y(accuracy.value), _y(accuracy.low), _y(accuracy.high), words, strong=point.stage == "champion"
    )


def _bin_words(one: Bin) -> str:
    return f"{share(one.confidence)}: {share(one.right)} ({share(one.low)} – {share(one.high)}), n = {one.n}"


def _counts(last: float) -> list[Tick]:
    return [Tick(_x(part), f"{last * part:,.0f}") for part in (0.0, 0.5, 1.0)]


def _days(points: Sequence[TrendPoint], apart: bool) -> list[Tick]:
    if not points:
        return []
    first, last = (point.made.strftime("%Y-%m-%d") for point in (points[0], points[-1]))
    if not apart or first == last:
        return [Tick(_x(0.5), first)]
    return [Tick(_x(0.0), first, "start"), Tick(_x(1.0), last, "end")]


def _x(share: float) -> str:
    return f"{LEFT + share * (WIDTH - LEFT - RIGHT):.1f}"


def _y(share: float) -> str:
    return f"{HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM):.1f}"
