"""`manage.py import_examples FILE|-`"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandParser

from config.commands import EXIT_CODES, Exit, JsonCommand, stop
from events.services.examples import ImportReport, import_examples

STDIN = "-"
LONGEST_LINE = 1_000_000  # bytes; of a longer one nothing is kept but that it was there
SHOWN = 20  # refused lines that are listed


class Command(JsonCommand):
    help = (
        "Import examples for the detection model: JSON lines with prompt and completion, the latter Threat or Normal. "
        "A line that is none is told and left out; the same pair twice changes nothing. It is refused when every line "
        "was. " + EXIT_CODES
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE|-", help="a file of JSON lines; - reads the standard input")

    def work(self, **options: Any) -> dict[str, Any]:
        try:
            report = _imported(options["file"])
        except OSError as error:
            raise stop(f"{options['file']} cannot be read: {error.strerror or error}.") from error
        for refusal in report.refused[:SHOWN]:
            self.stderr.write(f"line {refusal.line}: {refusal.reason}")
        if hidden := len(report.refused[SHOWN:]):
            self.stderr.write(f"... and {hidden:,} more refused lines.")
        return {
            "lines": report.lines,
            "added": report.added,
            "duplicates": report.duplicates,
            "refused": len(report.refused),
        }

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(
            "{lines:,} lines: {added:,} examples added, {duplicates:,} there already, {refused:,} refused.".format_map(
                result
            )
        )

    def check_result(self, result: dict[str, Any]) -> None:
        if result["lines"] and result["refused"] == result["lines"]:
            raise stop("every line was refused.", Exit.REFUSED)


def _imported(name: str) -> ImportReport:
    if name == STDIN:
        return import_examples(_lines(sys.stdin.buffer))
    with Path(name).open("rb") as file:
        return import_examples(_lines(file))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines, each at most LONGEST_LINE long: what a longer one has more is passed over."""
    while line := file.readline(LONGEST_LINE):
        yield line
        while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)
