"""Figures of models as tables: side by side, confusion, per class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from classifier.services.comparison import Column
from classifier.wording import decimal, share

SHADES = 10
SHOWN_CLASSES = 30  # of a confusion matrix; more do not fit on any screen
VIEWS = (("category", "Category"), ("sub_category", "Sub-category"), ("both", "Both"))

Figures = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    text: str
    best: bool = False


@dataclass(frozen=True)
class FigureRow:
    """One figure of every column; `best` marks the winner where one direction is better."""

    name: str
    meaning: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class _Figure:
    name: str
    meaning: str
    read: Callable[[Figures], float | None]
    write: Callable[[float | None], str]
    better: int  # 1: more, -1: less, 0: neither


def _view_figures(key: str, label: str) -> list[_Figure]:
    return [
        _Figure(
            f"{label}: accuracy",
            "Share of test reports whose label is exactly right",
            lambda figures: figures[key]["accuracy"],
            share,
            1,
        ),
        _Figure(
            f"{label}: macro-F1",
            "Mean F1 over the classes, rare ones counting as much as frequent ones",
            lambda figures: figures[key]["macro_f1"],
            share,
            1,
        ),
    ]


def _plain(key: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures.get(key)


_FIGURES = [
    *(figure for key, label in VIEWS for figure in _view_figures(key, label)),
    _Figure(
        "The surest 80 %",
        "Exactly right among them, when the others are left to people",
        _plain("exact_set_surest"),
        share,
        1,
    ),
    _Figure("Possible labels: promised", "The setting at that time", _plain("coverage_promised"), share, 0),
    _Figure(
        "Possible labels: kept",
        "Share of test reports whose true labels were among them",
        _plain("coverage"),
        share,
        0,
    ),
    _Figure("Possible labels per report", "The fewer, the more the promise says", _plain("set_size"), decimal, 0),
    _Figure("Calibration error", "How far confidence is from how often it is right", _plain("ece"), decimal, -1),
    _Figure("Brier score", "Mean squared error of the confidence", _plain("brier"), decimal, -1),
    _Figure("Log loss", "Surprise at the true labels, in nats", _plain("nll"), decimal, -1),
    _Figure("Test reports", "The same reports for every column", _plain("n"), lambda n: f"{n:,.0f}", 0),
    _Figure(
        "Reports per second",
        "When it was measured; the parts of one version are computed together",
        _plain("reports_per_second"),
        lambda speed: "–" if speed is None else f"{speed:,.1f}",
        0,
    ),
]


def figure_rows(columns: Sequence[Column]) -> list[FigureRow]:
    return [
        FigureRow(figure.name, figure.meaning, _cells(figure, [column.figures for column in columns]))
        for figure in _FIGURES
    ]


def _cells(figure: _Figure, columns: Sequence[Figures]) -> list[Cell]:
    values = [figure.read(figures) for figures in columns]
    texts = [figure.write(value) for value in values]
    known = [value * figure.better for value in values if value is not None]
    if not figure.better or len(known) < 2 or min(known) == max(known):
        return [Cell(text) for text in texts]
    # What reads the same is equally good: the third decimal of a percentage decides nothing.
    winner = figure.write(max(known) * figure.better)
    return [Cell(text, text == winner) for text in texts]


@dataclass(frozen=True)
class ConfusionCell:
    count: int
    shade: int  # 0 to 9: share of the row
    right: bool


@dataclass(frozen=True)
class ConfusionRow:
    number: int
    label: str
    cells: Sequence[ConfusionCell]
    total: int


@dataclass(frozen=True)
class Confusion:
    """True labels down, predicted ones across, the most frequent first; `left_out` classes did not fit."""

    rows: Sequence[ConfusionRow]
    left_out: int


def confusion(figures: Figures) -> Confusion:
    labels, counts = figures["confusion"]["labels"], figures["confusion"]["counts"]
    totals = [sum(row) for row in counts]
    order = sorted(range(len(labels)), key=lambda index: (-totals[index], labels[index]))[:SHOWN_CLASSES]
    rows = [
        ConfusionRow(place, labels[i], [_confusion_cell(counts[i][j], totals[i], i == j) for j in order], totals[i])
        for place, i in enumerate(order, start=1)
    ]
    return Confusion(rows, len(labels) - len(order))


def _confusion_cell(count: int, total: int, right: bool) -> ConfusionCell:
    shade = min(SHADES - 1, int(count / total * SHADES)) if total else 0
    return ConfusionCell(count, max(shade, 1) if count else 0, right)


def class_tables(figures: Figures) -> list[tuple[str, list[dict[str, Any]]]]:
    """(view, its classes with the most frequent first) for category, sub-category and both."""
    return [
        (label, sorted(figures[key]["classes"], key=lambda row: (-row["support"], row["label"])))
        for key, label in VIEWS
    ]
