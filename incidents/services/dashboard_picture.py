"""What a picture of the dashboard is made of: its figures, its lines, and the numbers behind them."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise

from classifier.wording import duration, share

Cell = str | int | float | dt.date | None
Words = str | Promise


@dataclass(frozen=True)
class Column:
    """`kind`: `day`, `text`, `count`, `seconds` or `share`: how its cells are written on the page."""

    name: Words
    kind: str = "count"

    @property
    def is_number(self) -> bool:
        return self.kind not in {"day", "text"}

    def written(self, cell: Cell) -> str:
        if cell is None:
            return "–"
        if isinstance(cell, dt.date):
            return date_format(cell, "j M Y")
        if isinstance(cell, str):
            return cell
        return {"seconds": duration, "share": share}.get(self.kind, _count)(cell)


@dataclass(frozen=True)
class Series:
    """One line of a chart; `look` tells it from the others without colour: `solid`, `dashed` or `dotted`."""

    name: Words
    values: Sequence[float | None]
    look: str = "solid"


@dataclass(frozen=True)
class Chart:
    """`names` are those of the slots; `unit` is `count` or `seconds`."""

    title: Words
    names: Sequence[str]
    series: Sequence[Series]
    unit: str = "count"

    @property
    def numbers(self) -> str:
        """What the script draws, as JSON."""
        lines = [{"name": str(one.name), "values": list(one.values), "look": one.look} for one in self.series]
        return json.dumps({"names": list(self.names), "unit": self.unit, "series": lines})


@dataclass(frozen=True)
class Tile:
    name: Words
    value: str
    note: Words = ""


@dataclass(frozen=True)
class Picture:
    """`rows` are the numbers as they are; without any, `empty` says what would bring some.

    `bars` are what the picture's own template draws, `most` the number of the longest.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    empty: Words
    tiles: Sequence[Tile] = ()
    charts: Sequence[Chart] = ()
    bars: Sequence[Any] = ()
    most: int = 0
    notes: Sequence[Words] = ()

    @property
    def table(self) -> list[list[tuple[Column, str]]]:
        return [[(column, column.written(cell)) for column, cell in self._cells(row)] for row in self.rows]

    def _cells(self, row: Sequence[Cell]) -> "zip[tuple[Column, Cell]]":
        return zip(self.columns, row, strict=True)


def count(number: int) -> str:
    return number_format(number, force_grouping=True)


def _count(cell: float) -> str:
    return number_format(cell, force_grouping=True)
