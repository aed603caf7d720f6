"""`manage.py import_incidents FILE.csv`"""

import gc
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import CommandParser

from config.commands import EXIT_CODES, Exit, JsonCommand, stop
from incidents.labels import LabelProblem
from incidents.services.import_lines import FileUnreadable
from incidents.services.importing import FILING, ImportOptions, ImportResult, import_file

TOLD_EVERY = 20_000  # rows


class Command(JsonCommand):
    help = (
        "Import reports from a CSV file (UTF-8) with the columns text,category,sub_category or "
        "category,sub_category,crimeaditionalinfo, and title where there is one. Several labels in a cell are joined "
        "by ' or '. Rows without labels wait for classification. The same file twice changes nothing. It fails when "
        "the file cannot be read, and is refused when every row was. " + EXIT_CODES
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
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

    def work(self, **options: Any) -> dict[str, Any]:
        gc.freeze()  # what is loaded stays: to go through it again and again took a sixth of an import
        started, file, refused = time.monotonic(), options["file"], options["refused"]
        with _opened(refused, file) as refused_to:
            labels = tuple(options["label_name"])
            wanted = ImportOptions(options["create_labels"], options["group_column"], labels, refused_to)
            try:
                result = import_file(file, wanted, self._follow)
            except (FileUnreadable, LabelProblem) as error:
                raise stop(f"{file}: {error}") from error
        self._list_problems(result)
        return result.to_json() | {"seconds": round(time.monotonic() - started, 3)}

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(
            "{rows:,} rows: {taken:,} taken, {merged:,} merged, {refused:,} refused, {unchanged:,} unchanged, "
            "in {seconds:.1f} s.\n"
            "Of the new reports {decided:,} are decided and {undecided:,} wait for classification.".format_map(result)
        )
        created = result["labels_created"]
        self.stdout.write(
            "New labels: {categories} categories, {sub_categories} sub-categories, {paths} paths.".format_map(created)
        )

    def check_result(self, result: dict[str, Any]) -> None:
        if result["rows"] and result["refused"] == result["rows"]:
            raise stop("every row was refused.", Exit.REFUSED)

    def _follow(self, stage: str, done: int, of: int) -> None:
        if done and done % TOLD_EVERY == 0:
            self.stderr.write(f"{done:,} of {of:,} reports looked at" if stage == FILING else f"{done:,} rows read")

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


def _opened(refused: Path | None, file: Path) -> AbstractContextManager[TextIO | None]:
    """The file for refusals, opened before the work begins."""
    if refused is None:
        return nullcontext()
    try:
        if refused.exists() and file.exists() and refused.samefile(file):
            raise stop("--refused must not name the imported file: it would be overwritten.", Exit.USAGE)
        return refused.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise stop(f"--refused {refused}: {error.strerror}", Exit.USAGE) from error
