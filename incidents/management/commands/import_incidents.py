"""`manage.py import_incidents FILE.csv`"""

import json
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.labels import LabelProblem
from incidents.services.import_lines import FileUnreadable
from incidents.services.importing import ImportOptions, ImportResult, import_file

UNREADABLE, USAGE, ALL_REFUSED = 1, 2, 3


class Command(BaseCommand):
    help = (
        "Import reports from a CSV file (UTF-8) with the columns text,category,sub_category or "
        "category,sub_category,crimeaditionalinfo. Several labels in a cell are joined by ' or '. Rows without "
        "labels wait for classification. The same file twice changes nothing. Exit codes: 0 done, 1 the file "
        "cannot be read, 2 usage, 3 every row was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--create-labels", action="store_true", help="add labels that the taxonomy lacks")
        parser.add_argument(
            "--group-column",
            default="",
            metavar="NAME",
            help="reports with one value here stay together in every split",
        )
        parser.add_argument(
            "--label-name",
            action="append",
            default=[],
            metavar="NAME",
            help="one label whose name holds ' or ' (repeatable)",
        )
        parser.add_argument(
            "--refused", type=Path, metavar="FILE", help="write every refused line and its reason here, as CSV"
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON on stdout, all else on stderr")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        with self._opened(options["refused"]) as refused_to:
            wanted = ImportOptions(
                options["create_labels"], options["group_column"], tuple(options["label_name"]), refused_to
            )
            try:
                result = import_file(options["file"], wanted, tell=self.stderr.write)
            except (FileUnreadable, LabelProblem) as error:
                if options["json"]:
                    self.stdout.write(json.dumps({"error": str(error)}))
                raise CommandError(f"{options['file']}: {error}", returncode=UNREADABLE) from error
        self._list_problems(result)
        self._print_result(result, time.monotonic() - started, as_json=options["json"])
        if result.nothing_usable:
            raise CommandError("every row was refused.", returncode=ALL_REFUSED)

    def _opened(self, refused: Path | None) -> AbstractContextManager[TextIO | None]:
        """The file for refusals, opened before the work begins."""
        try:
            return refused.open("w", encoding="utf-8", newline="") if refused else nullcontext()
        except OSError as error:
            raise CommandError(f"--refused {refused}: {error.strerror}", returncode=USAGE) from error

    def _list_problems(self, result: ImportResult) -> None:
        for row in result.refusals:
            self.stderr.write(f"line {row.line}: {row.reason}")
        if hidden := result.refused - len(result.refusals):
            self.stderr.write(f"... and {hidden:,} more refused rows; --refused FILE writes them all.")
        if result.conflicts:
            lines = ", ".join(map(str, result.conflict_lines))
            more = ", ..." if result.conflicts > len(result.conflict_lines) else ""
            self.stderr.write(
                f"{result.conflicts:,} reports were there already with other labels and were kept as they were "
                f"(lines {lines}{more})."
            )

    def _print_result(self, result: ImportResult, seconds: float, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(result.to_json() | {"seconds": round(seconds, 3)}))
            return
        created = result.labels_created
        self.stdout.write(
            f"{result.rows:,} rows: {result.taken:,} taken, {result.merged:,} merged, {result.refused:,} refused, "
            f"{result.unchanged:,} unchanged, in {seconds:.1f} s.\n"
            f"Of the new reports {result.decided:,} are decided and {result.undecided:,} wait for classification.\n"
            f"New labels: {created.categories} categories, {created.sub_categories} sub-categories, "
            f"{created.paths} paths."
        )
