"""`manage.py profile [FILE.csv]`"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.services.import_lines import FileUnreadable
from incidents.services.profile import Counted, Profile, profile_database, profile_file

UNREADABLE = 1
SHOWN = 40  # labels per list in the printed profile; --json has all


class Command(BaseCommand):
    help = "Profile a CSV file of reports, or without one the database: missing values, duplicates, lengths, balance."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE.csv")
        parser.add_argument("--json", action="store_true", help="print one line of JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            profile = profile_file(options["file"]) if options["file"] else profile_database()
        except FileUnreadable as error:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(error)}))
            raise CommandError(f"{options['file']}: {error}", returncode=UNREADABLE) from error
        if options["json"]:
            self.stdout.write(json.dumps(profile.to_json()))
        else:
            self.stdout.write("\n".join(_lines(profile)))


def _lines(profile: Profile) -> Iterator[str]:
    yield f"{profile.source}: {profile.rows:,} rows, {profile.unreadable:,} more unreadable"
    yield from _table("Where they came from", profile.origins)
    yield from _table("Missing", profile.missing)
    yield f"Duplicates: {profile.duplicates:,} exact, {profile.near_duplicates:,} more in case, blanks or digits"
    yield f"Conflicts: {profile.conflicts:,} texts under different labels, in {profile.conflict_rows:,} rows"
    yield f"Labelled: {profile.labelled:,}, of which {profile.several:,} with several labels"
    yield f"Too long for a report: {profile.too_long:,}"
    for lengths in profile.lengths:
        quantiles = ", ".join(f"{name} {value:,}" for name, value in lengths.quantiles.items())
        yield f"Length in {lengths.unit}: mean {lengths.mean:,}; {quantiles}"
    yield from _table("Categories", profile.categories)
    yield from _table("Sub-categories", profile.sub_categories)


def _table(title: str, counts: tuple[Counted, ...]) -> Iterator[str]:
    if counts:
        yield f"{title}:"
    for counted in counts[:SHOWN]:
        yield f"{counted.rows:>10,} {counted.share:>6.1%}  {counted.name}"
    if len(counts) > SHOWN:
        yield f"{'':>10} and {len(counts) - SHOWN:,} more"
