"""What an event costs as tables grow, and what memory the process that takes events in needs.

One source, events two seconds apart. At each mark three windows of further events are timed, everything on: a trained
forest, filters, templates, detections. The forest is trained anew every 100,000 events, since entities that are new at
first and known later look unusual to one that has met new ones only. In a second run nearly every event has an entity
of its own.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.event_samples import STEP, events, json_lines, write
from benchmarks.event_site import SITES, Site
from benchmarks.needs import NotRun

NAME = "event_growth"
ABOUT = "cost of an event after 10,000, 100,000 and a million events of 100,000 entities, and peak memory"
WINDOW, WINDOWS = 10_000, 3
PIECE = 100_000  # events written to a file at once
RUNS = {
    ("SQLite", "100,000 entities"): ((10_000, 100_000, 1_000_000), 100_000),
    ("PostgreSQL", "100,000 entities"): ((10_000, 100_000), 100_000),
    ("SQLite", "an entity for each event"): ((100_000, 1_000_000), 10**9),
}
QUICK_MARKS, QUICK_WINDOW = (1_500, 4_000), 250


@dataclass(frozen=True)
class Size:
    marks: tuple[int, ...]
    entities: int
    window: int


def run(quick: bool) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for (database, who), (marks, entities) in RUNS.items():
        size = Size(QUICK_MARKS, entities, QUICK_WINDOW) if quick else Size(marks, entities, WINDOW)
        try:
            rows += _grown(database, who, size)
        except NotRun as reason:
            rows.append({"database": database, "of": f"not run: {reason}"})
    return {"rows": rows, "windows": WINDOWS, "events a window": WINDOW}


def _grown(database: str, who: str, size: Size) -> list[dict[str, Any]]:
    with SITES[database]() as site, tempfile.TemporaryDirectory() as folder:
        feeder = _Feeder(site, Path(folder), size)
        rows = []
        for mark in size.marks:
            feeder.feed_to(mark)
            site.ask("analyze")
            costs = [feeder.feed(size.window) for _ in range(WINDOWS)]
            rows.append(_row(database, who, mark, costs, size, site))
        return rows


def _row(database: str, who: str, mark: int, costs: list[float], size: Size, site: Site) -> dict[str, Any]:
    kept = site.ask("counts")
    return {
        "database": database,
        "of": who,
        "events": mark,
        "entities": kept["entities"],
        "us an event": 1e6 * median(costs) / size.window,
        "peak MB": site.ask("memory")["peak_mb"],
        "database MB": kept["bytes"] / 1e6,
    }


class _Feeder:
    """Gives a site events, counted, from files that are removed again."""

    def __init__(self, site: Site, folder: Path, size: Size) -> None:
        self._site, self._folder, self._size, self._fed = site, folder, size, 0
        total = size.marks[-1] + size.window * WINDOWS
        self._start = time.time() - STEP * total

    def feed_to(self, mark: int) -> None:
        while self._fed < mark:
            self.feed(min(PIECE, mark - self._fed))
            self._site.ask("train", source="json")  # as when scores have moved

    def feed(self, count: int) -> float:
        """The seconds that so many more events took."""
        file = self._folder / "events"
        write(file, self._lines(count))
        taken = self._site.ask("take", file=str(file), origin=f"from {self._fed}", source="json")
        assert taken["stored"] == count
        self._fed += count
        return float(taken["seconds"])

    def _lines(self, count: int) -> Iterator[bytes]:
        rows = events(count, self._size.entities, seed=self._fed)
        return json_lines(rows, self._start + STEP * self._fed)
