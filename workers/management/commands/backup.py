"""Everything in one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from config.commands import EXIT_CODES, Exit, JsonCommand, stop
from workers.backup.making import make_backup
from workers.backup.manifest import BackupRefused


class Command(JsonCommand):
    help = (
        "Writes rows of all tables, files of reports, models, lookup tables and the secret key into one file, for its "
        "owner alone. The site may be running. Into a folder, the file gets a name with the time. "
        f"{EXIT_CODES}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", help="a file that is not there yet, or a folder")
        parser.add_argument("--without-key", action="store_true", help="leave the secret key out, to be kept elsewhere")

    def work(self, **options: Any) -> dict[str, Any]:
        try:
            file = _file(Path(options["file"]))
            made = make_backup(file, with_key=not options["without_key"])
        except BackupRefused as error:
            raise stop(str(error), Exit.REFUSED) from error
        except OSError as error:
            raise stop(f"{options['file']} cannot be written: {error.strerror}.") from error
        return {
            "file": str(file),
            "bytes": made.size,
            "rows": sum(made.manifest.tables.values()),
            "files": len(made.manifest.files),
            "key": made.manifest.key,
            "notes": made.notes,
        }

    def tell(self, result: dict[str, Any]) -> None:
        size = result["bytes"] / 1e6
        self.stdout.write(f"{result['file']}: {result['rows']:,} rows, {result['files']:,} files, {size:,.1f} MB")
        if result["key"]:
            self.stdout.write("The secret key is inside: whoever has this file has everything.")
        for note in result["notes"]:
            self.stdout.write(note)


def _file(goal: Path) -> Path:
    return goal / f"caseloop-{timezone.now():%Y%m%d-%H%M%S}.zip" if goal.is_dir() else goal
