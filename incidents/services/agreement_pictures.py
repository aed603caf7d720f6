"""The pictures of the agreement page: where things stand in them, and the numbers behind each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log10

from incidents.services.agreement import Agreement, Pair, Times, agreement, times
from incidents.services.audit_slice import Accuracy, blind_accuracy, following
from incidents.services.dashboard_span import Span
from incidents.shares import Beyond, Interval, Share

SHADES = 9  # of the heat map, from the agreement of chance to a perfect one
TICKS = ((0.1, "0.1 s"), (1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"))

Cell = str | int | float | None
Numbers = tuple[Sequence[str], list[list[Cell]]]


@dataclass(frozen=True)
class Square:
    """One pair in the heat map; `shade` is 0 where there is no figure."""

    pair: Pair | None
    shade: int
    itself: bool = False


@dataclass(frozen=True)
class Box:
    """One person's times and where they stand, in percent of the width; the axis is logarithmic."""

    times: Times
    places: "Places | None"


@dataclass(frozen=True)
class Places:
    low: float
    lower: float
    median: float
    upper: float
    high: float

    @property
    def width(self) -> float:
        """Of the box; never too narrow to be seen."""
        return max(self.upper - self.lower, 0.6)

    @property
    def middle(self) -> float:
        return self.lower + self.width / 2 if self.upper - self.lower < 0.6 else self.median


@dataclass(frozen=True)
class BoxPlot:
    boxes: Sequence[Box]
    ticks: Sequence[tuple[float, str]]


def heat_map(found: Agreement) -> list[tuple[str, list[Square]]]:
    """A row per person, with a square for each person."""
    return [(one, [_square(found, one, other) for other in found.people]) for one in found.people]


def box_plot(taken: Sequence[Times]) -> BoxPlot | None:
    """None without anybody whose times can be drawn. The axis ends at the first ticks outside all whiskers."""
    drawn = [one for one in taken if one.low is not None and one.high is not None]
    if not drawn:
        return None
    shortest, longest = min(one.low or 0 for one in drawn), max(one.high or 0 for one in drawn)
    first = max((second for second, _ in TICKS if second <= shortest), default=TICKS[0][0])
    last = min((second for second, _ in TICKS if second >= longest and second > first), default=TICKS[-1][0])
    span = log10(first), log10(last)
    ticks = [(_place(second, span), words) for second, words in TICKS if first <= second <= last]
    return BoxPlot([Box(one, _places(one, span)) for one in taken], ticks)


def _square(found: Agreement, one: str, other: str) -> Square:
    if one == other:
        return Square(None, 0, itself=True)
    pair = found.pair(one, other)
    value = pair.kappa.value if pair and pair.kappa else None
    return Square(pair, 0 if value is None else max(1, round(SHADES * value)))


def _places(one: Times, span: tuple[float, float]) -> Places | None:
    values = (one.low, one.lower, one.median, one.upper, one.high)
    return Places(*(_place(value, span) for value in values if value is not None)) if one.median is not None else None


def _place(seconds: float, span: tuple[float, float]) -> float:
    """Between 2 and 98 percent, so that nothing is cut at the edges."""
    first, last = span
    share = (log10(max(seconds, 10**first)) - first) / (last - first)
    return round(2 + 96 * min(share, 1.0), 2)


def pair_numbers(span: Span) -> Numbers:
    found = agreement(span)
    header = ("measure", "person", "other_person", "reports", "same", "value", "low", "high")
    everybody = ["Krippendorff's alpha", "", "", found.same.n, found.same.hits, *_beyond(found.alpha)]
    return header, [everybody, *(_of_pair(pair) for pair in found.pairs)]


def time_numbers(span: Span) -> Numbers:
    header = ("person", "decisions", "low", "lower_quartile", "median", "upper_quartile", "high")
    rows: list[list[Cell]] = [
        [one.person, one.n, one.low, one.lower, one.median, one.upper, one.high] for one in times(span)
    ]
    return header, rows


def accuracy_numbers(span: Span) -> Numbers:
    found = blind_accuracy(span.since, span.until)
    header = ("version", "measure", "right", "reports", "share", "low", "high")
    return header, list(_accuracy_rows(found))


def following_numbers(span: Span) -> Numbers:
    found = following(span.since, span.until)
    rows: list[list[Cell]] = [["shown", *_share(found.shown)], ["hidden", *_share(found.blind)]]
    if found.pull is not None:
        rows.append(["difference", None, None, found.pull, *_ends(found.interval)])
    return ("suggestion", "agreed", "decisions", "share", "low", "high"), rows


def _accuracy_rows(found: Accuracy) -> Iterable[list[Cell]]:
    for name, exact, category in (
        ("", found.exact, found.category),
        *((one.name, one.exact, one.category) for one in found.versions),
    ):
        yield [name, "labels", *_share(exact)]
        yield [name, "categories", *_share(category)]


def _of_pair(pair: Pair) -> list[Cell]:
    return ["Cohen's kappa", pair.one, pair.other, pair.same.n, pair.same.hits, *_beyond(pair.kappa)]


def _beyond(found: Beyond | None) -> list[Cell]:
    return [found.value, *_ends(found.interval)] if found else [None, None, None]


def _share(found: Share) -> list[Cell]:
    return [found.hits, found.n, found.share, *(_ends(found.interval) if found.n else (None, None))]


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return interval or (None, None)


NUMBERS: dict[str, Callable[[Span], Numbers]] = {
    "pairs": pair_numbers,
    "times": time_numbers,
    "accuracy": accuracy_numbers,
    "following": following_numbers,
}
