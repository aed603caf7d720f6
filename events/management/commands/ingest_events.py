"""`manage.py ingest_events FILE|- --source NAME`"""

import gc
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandParser

from config.commands import EXIT_CODES, Exit, JsonCommand, stop, whole_number
from events.models import EventSource
from events.services.ingest import BATCH, Intake
from events.services.registration import source_named
from events.stream.formats import FORMATS, UnknownFormat
from events.stream.lines import lines_of

STDIN = "-"


class Command(JsonCommand):
    help = (
        "Read events, one a line, into a source, which is made where it is not there yet. The same file again changes"
        " nothing: events are known by their id, else by file name, place and words. Lines that cannot be read become"
        " dead letters. It is refused when every line was. " + EXIT_CODES
    )
    errors_for_people = (UnknownFormat,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE|-")
        parser.add_argument("--source", required=True, metavar="NAME")
        parser.add_argument("--format", choices=["auto", *FORMATS], default="", help="instead of the source's own")
        parser.add_argument(
            "--stream-id", default="", metavar="NAME",
            help="what the lines are known by, instead of the file's name; standard input has no name of its own",
        )  # fmt: skip
        parser.add_argument("--batch", type=whole_number(1, 5000), default=BATCH, help="lines a transaction")

    def work(self, **options: Any) -> dict[str, Any]:
        gc.collect()
        gc.freeze()  # what is loaded stays: going through it again and again took a third of the time
        started, name = time.monotonic(), options["file"]
        with _opened(name) as stream:
            source = _source(options["source"], options["format"])
            intake = Intake(source, format=options["format"], batch=options["batch"])
            origin = options["stream_id"] or (f"stdin {uuid.uuid4().hex}" if name == STDIN else Path(name).name)
            total = intake.take_all(line for line, _ in lines_of(stream, origin))
        return asdict(total) | {"source": source.name, "seconds": round(time.monotonic() - started, 3)}

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(
            "{received:,} lines into {source}: {stored:,} stored, {duplicates:,} known already, {refused:,} refused,"
            " in {seconds:.1f} s.\n"
            "Of the new events {dropped:,} were filtered, {scored:,} scored, {above:,} above the threshold or picked;"
            " {detections:,} detections were opened.".format_map(result)
        )

    def check_result(self, result: dict[str, Any]) -> None:
        if result["received"] and result["refused"] == result["received"]:
            raise stop("every line was refused; the dead letters say why.", Exit.REFUSED)


def _source(name: str, format: str) -> EventSource:
    try:
        return source_named(name, format=format)
    except ValueError as error:
        raise stop(f"--source {name[:80]}: {error}", Exit.USAGE) from error


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == STDIN:
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as stream:
            yield stream
    except OSError as error:
        raise stop(f"{name} cannot be read: {error.strerror}.") from error
