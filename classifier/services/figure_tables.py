"""Figures of models as tables: side by side, confusion, per class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from classifier.models.version import CLASSIFY
from classifier.services.comparison import Column
from classifier.services.figure_list import VIEWS, Figure, Figures, figures_of

SHADES = 10
SHOWN_CLASSES = 30  # of a confusion matrix; more do not fit on any screen


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


def figure_rows(columns: Sequence[Column], line: str = CLASSIFY) -> list[FigureRow]:
    return [
        FigureRow(str(figure.name), str(figure.meaning), _cells(figure, [column.figures for column in columns]))
        for figure in figures_of(line)
    ]


def key_figures(figures: Figures, line: str) -> list[tuple[str, str]]:
    """(label, value) of the few that say most."""
    return [(str(figure.key), figure.write(figure.read(figures))) for figure in figures_of(line) if figure.key]


def headings(line: str) -> list[str]:
    """Of the columns in lists of versions."""
    return [str(figure.brief) for figure in figures_of(line) if figure.brief]


def brief_figures(figures: Figures, line: str) -> list[str]:
    """One value for each of the `headings`."""
    return [figure.write(figure.read(figures)) for figure in figures_of(line) if figure.brief]


def _cells(figure: Figure, columns: Sequence[Figures]) -> list[Cell]:
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
    said: str  # the label of its column


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


def confusion(figures: Figures) -> Confusion | None:
    """None for figures without labels, such as a detector's."""
    if "confusion" not in figures:
        return None
    labels, counts = figures["confusion"]["labels"], figures["confusion"]["counts"]
    totals = [sum(row) for row in counts]
    order = sorted(range(len(labels)), key=lambda index: (-totals[index], labels[index]))[:SHOWN_CLASSES]
    rows = [
        ConfusionRow(
            place, labels[i], [_confusion_cell(counts[i][j], totals[i], i == j, labels[j]) for j in order], totals[i]
        )
        for place, i in enumerate(order, start=1)
    ]
    return Confusion(rows, len(labels) - len(order))


def _confusion_cell(count: int, total: int, right: bool, said: str) -> ConfusionCell:
    shade = min(SHADES - 1, int(count / total * SHADES)) if total else 0
    return ConfusionCell(count, max(shade, 1) if count else 0, right, said)


def class_tables(figures: Figures) -> list[tuple[str, list[dict[str, Any]]]]:
    """(view, its classes with the most frequent first); category alone where nothing has a sub-category."""
    if "sub_category" not in figures:
        return []
    parted = any(row["label"] for row in figures["sub_category"]["classes"])
    return [
        (str(label), sorted(figures[key]["classes"], key=lambda row: (-row["support"], row["label"])))
        for key, label in (VIEWS if parted else VIEWS[:1])
    ]
