"""`manage.py profile [FILE.csv]`"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from config.commands import EXIT_CODES, JsonCommand, stop
from incidents.services.import_lines import FileUnreadable
from incidents.services.profile import profile_database, profile_file

SHOWN = 40  # labels per list in the printed profile; --json has all


class Command(JsonCommand):
    help = (
        "Profile a CSV file of reports, or without one the database: missing values, duplicates, lengths, balance. "
        + EXIT_CODES
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE.csv")

    def work(self, **options: Any) -> dict[str, Any]:
        try:
            profile = profile_file(options["file"]) if options["file"] else profile_database()
        except FileUnreadable as error:
            raise stop(f"{options['file']}: {error}") from error
        return profile.to_json()

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write("\n".join(_lines(result)))


def _lines(profile: dict[str, Any]) -> Iterator[str]:
    yield "{source}: {rows:,} rows, {unreadable:,} more unreadable".format_map(profile)
    yield from _table("Where they came from", profile["origins"])
    yield from _table("Missing", profile["missing"])
    yield "Duplicates: {duplicates:,} exact, {near_duplicates:,} more in case, blanks or digits".format_map(profile)
    yield "Conflicts: {conflicts:,} texts under different labels, in {conflict_rows:,} rows".format_map(profile)
    yield "Labelled: {labelled:,}, of which {several:,} with several labels".format_map(profile)
    yield "Too long for a report: {too_long:,}".format_map(profile)
    for lengths in profile["lengths"]:
        quantiles = ", ".join(f"{name} {value:,}" for name, value in lengths["quantiles"].items())
        yield f"Length in {lengths['unit']}: mean {lengths['mean']:,}; {quantiles}"
    yield from _table("Categories", profile["categories"])
    yield from _table("Sub-categories", profile["sub_categories"])


def _table(title: str, counts: Sequence[dict[str, Any]]) -> Iterator[str]:
    if counts:
        yield f"{title}:"
    for counted in counts[:SHOWN]:
        yield "{rows:>10,} {share:>6.1%}  {name}".format_map(counted)
    if len(counts) > SHOWN:
        yield f"{'':>10} and {len(counts) - SHOWN:,} more"
