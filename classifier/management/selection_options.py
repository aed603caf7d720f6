"""What a training leaves out or counts less, from the command line."""

import argparse
import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandParser

from classifier.models.version import CLASSIFY
from classifier.services.selection import ALL, Selection
from config.commands import Exit, stop
from incidents.models import ImportBatch, User

WHAT = "labeller, import or day and a colon and which one; or doubted, or synthetic"
SHOWN = 10  # imports in a message


def add_selection_options(parser: CommandParser) -> None:
    group = parser.add_argument_group(
        "what is left out",
        "Left-out labels judge no model either: they are missing from the test side, too, except for doubted ones, "
        "since a test without what models find doubtful would be an easier one.",
    )

    def add(name: str, metavar: str, about: str) -> None:
        group.add_argument(f"--without-{name}", action="append", default=[], metavar=metavar, help=about)

    add("labeller", "USER", "reports that this person decided (repeatable)")
    add("import", "N|FILE", "reports of this import, by its number or the name of its file (repeatable)")
    add("day", "YYYY-MM-DD", "reports decided on this day (repeatable)")
    group.add_argument("--without-doubted", action="store_true", help="reports whose label is doubted")
    group.add_argument("--without-synthetic", action="store_true", help="synthetic samples")
    group.add_argument(
        "--weigh", action="append", default=[], metavar="WHAT=FACTOR", type=_weighed,
        help=f"let them count less, from 0 (left out) to 1, for example labeller:ann=0.5. WHAT: {WHAT} (repeatable)",
    )  # fmt: skip


def chosen_selection(line: str, options: dict[str, Any]) -> Selection:
    """What was given of them; ends the command where something of it is not known."""
    asked = [*options["weigh"], *_left_out(options)]
    if asked and line != CLASSIFY:
        raise stop(f"only trainings of the line {CLASSIFY} leave reports out.", Exit.USAGE)
    labellers: dict[int, float] = {}
    imports: dict[int, float] = {}
    days: dict[str, float] = {}
    kinds = {"doubted": 1.0, "synthetic": 1.0}
    for what, which, factor in asked:
        if what == "labeller":
            labellers[_account(which)] = factor
        elif what == "import":
            imports |= dict.fromkeys(_imports(which), factor)
        elif what == "day":
            days[_day(which)] = factor
        else:
            kinds[what] = factor
    return Selection(labellers, imports, days, **kinds) if asked else ALL


Weighed = tuple[str, str, float]


def _left_out(options: dict[str, Any]) -> list[Weighed]:
    named = [(what, which, 0.0) for what in ("labeller", "import", "day") for which in options[f"without_{what}"]]
    return named + [(what, "", 0.0) for what in ("doubted", "synthetic") if options[f"without_{what}"]]


def _weighed(text: str) -> Weighed:
    thing, _, given = text.rpartition("=")
    what, colon, which = thing.partition(":")
    try:
        factor = float(given)
    except ValueError:
        factor = -1
    named = what in {"labeller", "import", "day"} and bool(which)
    if not (named or (what in {"doubted", "synthetic"} and not colon)):
        raise argparse.ArgumentTypeError(f"{text[:40]} does not say what: {WHAT}")
    if not 0 <= factor <= 1:
        raise argparse.ArgumentTypeError(f"{text[:40]} needs a factor from 0 to 1 after the equals sign")
    return what, which, factor


def _account(name: str) -> int:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise stop(f"there is no account {name!r} whose decisions could be left out.", Exit.USAGE)
    return user.pk


def _imports(named: str) -> Sequence[int]:
    batches = ImportBatch.objects.filter(**{"pk": int(named)} if named.isdecimal() else {"name": named})
    found = list(batches.values_list("pk", flat=True))
    if not found:
        known = ", ".join(f"{one.pk} ({one.name})" for one in ImportBatch.objects.order_by("-pk")[:SHOWN])
        raise stop(f"there is no import {named!r}. Known: {known or 'none'}.", Exit.USAGE)
    return found


def _day(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise stop(f"{text!r} is no day: write it as 2026-11-27.", Exit.USAGE) from error
