"""Events a second: the reference's own loop, and ours to committed records, in process and over HTTP.

All sides take the same events in turn. Ours does everything on the way: repeats are told apart, aggregates kept,
features read, filters asked, templates found, a trained forest asked, records and detections written.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.event_http import Door, open_door
from benchmarks.event_samples import STEP, csv_lines, events, json_lines, write
from benchmarks.event_site import SITES, Site
from benchmarks.needs import NotRun
from benchmarks.reference_loop import Reference
from benchmarks.timing import in_turn, times_faster

NAME = "event_pipeline"
ABOUT = "events a second to committed records, in process and over HTTP, beside the reference's own loop"
EVENTS, USERS, HISTORY = 10_000, 5_000, 25_000
QUICK = (600, 50, 1_500)
ROUNDS = 7
REFERENCE = "reference's loop"
PLAIN = "seven columns"  # the reference's CSV; ours has a time with each event
FORMATS = {"json": json_lines, "csv": csv_lines}  # by the name of the format

Side = Callable[[Path], object]  # takes a folder with the events of one round
Name = tuple[str, str, str]  # what, database, format


@dataclass(frozen=True)
class Shape:
    """How much is measured. `began` is the time of the first event."""

    events: int
    users: int
    history: int
    rounds: int
    began: float

    def folders(self, place: Path) -> list[Path]:
        """The past, then the events of the rounds: one that is not counted, those that are, one to look at stages."""
        sizes = [self.history, *[self.events] * (self.rounds + 2)]
        starts = [self.began + STEP * sum(sizes[:number]) for number in range(len(sizes))]
        return [
            _written(place / str(number), size, self.users, number, start)
            for number, (size, start) in enumerate(zip(sizes, starts, strict=True))
        ]


def run(quick: bool) -> dict[str, Any]:
    count, users, history = QUICK if quick else (EVENTS, USERS, HISTORY)
    rounds = 1 if quick else ROUNDS
    began = time.time() - STEP * (history + count * (rounds + 2))
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        past, *streams, last = Shape(count, users, history, rounds, began).folders(Path(place))
        sites, missing = _sites(stack)
        sides: dict[Name, Side] = {(REFERENCE, "none: CSV", PLAIN): _reference(past)}
        for database, site in sites.items():
            sides |= _ours(database, site, past, stack.enter_context(open_door(site)))
        taken = in_turn({name: _over(streams, side) for name, side in sides.items()}, rounds)
        stages = {database: _stages(site, last, count) for database, site in sites.items()}
        kept = {database: site.ask("counts") for database, site in sites.items()}
    rows = [_row(name, seconds, taken, count) for name, seconds in taken.items()]
    return {
        "rows": [*rows, *missing], "events a round": count, "users": users,
        "microseconds an event by stage": stages, "in the tables": kept,
    }  # fmt: skip


def _sites(stack: ExitStack) -> tuple[dict[str, Site], list[dict[str, Any]]]:
    """The databases that there are, and a row for each that is not."""
    sites, missing = {}, []
    for database, site in SITES.items():
        try:
            sites[database] = stack.enter_context(site())
        except NotRun as reason:
            missing.append({"side": f"not run: {reason}", "database": database})
    return sites, missing


def _ours(database: str, site: Site, past: Path, door: Door) -> dict[Name, Side]:
    """Each way has a source of its own, with a past and a detector trained on it."""
    for source in (*FORMATS, "http"):
        site.ask("take", file=str(past / "json"), origin="past", source=source)
        site.ask("train", source=source)
    site.ask("analyze")
    in_process: dict[Name, Side] = {
        ("in process", database, format): lambda folder, format=format: site.ask(
            "take", file=str(folder / format), origin=folder.name, source=format, format=format
        )
        for format in FORMATS
    }
    return in_process | {
        ("HTTP, inbox, job", database, "json"): lambda folder: door.deliver(
            (folder / "json").read_bytes().splitlines(), folder.name, source="http", format="json"
        )
    }


def _reference(past: Path) -> Side:
    fitted = Reference.fit(past / PLAIN)
    return lambda folder: fitted.run(folder / PLAIN, folder / "enriched.csv")


def _over(folders: list[Path], side: Side) -> Callable[[], object]:
    """Each call takes the next folder, so that every round brings new events, the same ones to each side."""
    left: Iterator[Path] = iter(folders)
    return lambda: side(next(left))


def _written(folder: Path, count: int, users: int, seed: int, start: float) -> Path:
    folder.mkdir()
    write(folder / PLAIN, csv_lines(events(count, users, seed=seed)))
    for format, lines in FORMATS.items():
        write(folder / format, lines(events(count, users, seed=seed), start))
    return folder


def _stages(site: Site, folder: Path, count: int) -> dict[str, float]:
    """Of a run of its own, since looking costs time too."""
    found = site.ask("stages", file=str(folder / "json"), origin="stages", source="json")
    spent = {stage: 1e6 * seconds / count for stage, seconds in found["stages"].items()}
    return {**spent, "all": 1e6 * found["seconds"] / count}


def _row(name: Name, seconds: list[float], taken: Mapping[Name, list[float]], count: int) -> dict[str, Any]:
    what, database, format = name
    sqlite = taken.get((what, "SQLite", format))
    return {
        "side": what,
        "database": database,
        "format": format,
        "events/s": count / median(seconds),
        "us an event": 1e6 * median(seconds) / count,
        "times the reference": times_faster(seconds, taken[REFERENCE, "none: CSV", PLAIN]),
        "of SQLite": times_faster(seconds, sqlite) if sqlite else None,
    }
