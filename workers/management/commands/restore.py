"""Everything back from one file."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from config.commands import EXIT_CODES, Exit, JsonCommand, stop
from config.steps import StepFailed
from workers.backup.manifest import BackupRefused
from workers.backup.restoring import restore
from workers.home import locked


class Command(JsonCommand):
    help = (
        "Puts a backup in the place of this installation's data, on SQLite or PostgreSQL, whichever it was made on. "
        "Checks all of it first; an older backup is brought to the tables of today. Stop the site before. "
        f"{EXIT_CODES}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", help="what manage.py backup has written")
        parser.add_argument("--replace", action="store_true", help="delete the data that is here; asks before it does")
        parser.add_argument("--yes", action="store_true", help="with --replace: do not ask")

    def work(self, **options: Any) -> dict[str, Any]:
        if options["replace"] and not options["yes"]:
            _ask(self)
        try:
            with locked(Path(settings.CASELOOP_HOME)):
                done = restore(Path(options["file"]), replace=options["replace"])
        except (BackupRefused, StepFailed) as error:
            raise stop(f"nothing was changed: {error}", Exit.REFUSED) from error
        except OSError as error:
            raise stop(f"it could not be brought back: {error.strerror or error}.") from error
        return {
            "made_at": done.manifest.created_at,
            "version": done.manifest.version,
            "rows": sum(done.manifest.tables.values()),
            "files": len(done.manifest.files),
            "notes": done.notes,
        }

    def tell(self, result: dict[str, Any]) -> None:
        told = f"{result['rows']:,} rows and {result['files']:,} files of {result['made_at']}"
        self.stdout.write(f"Restored: {told}. Start the site again.")
        for note in result["notes"]:
            self.stdout.write(note)


def _ask(command: Command) -> None:
    command.stderr.write("All data of this installation will be deleted and replaced by the backup's.")
    try:
        answer = input('Write "replace" to go on: ')
    except EOFError:
        answer = ""
    if answer.strip() != "replace":
        raise stop("nothing was changed.", Exit.REFUSED)
