"""`manage.py profile_events [FILE|-] [--source NAME]`"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandParser

from config.commands import EXIT_CODES, Exit, JsonCommand, stop
from events.models import EventSource
from events.services.profile import AUTO, Profile, profile_lines, profile_source
from events.stream.formats import FORMATS, UnknownFormat
from events.stream.lines import lines_of

STDIN = "-"
SHOWN_FIELDS, SHOWN_VALUES, WIDEST = 40, 5, 70  # in the printed profile; --json has all


class Command(JsonCommand):
    help = (
        "Profile the events of a source: fields, missing values, distributions, what each filter dropped with an"
        " estimate of its precision, and clusters of detections. With a file, that file's fields alone. " + EXIT_CODES
    )
    errors_for_people = (UnknownFormat,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", nargs="?", default="", metavar="FILE|-")
        parser.add_argument("--source", default="", metavar="NAME")
        parser.add_argument("--format", choices=[AUTO, *FORMATS], default=AUTO, help="of the file")

    def work(self, **options: Any) -> dict[str, Any]:
        file, source = options["file"], options["source"]
        if bool(file) == bool(source):
            raise stop("name a file, or a source by --source NAME; one of the two.", Exit.USAGE)
        return (_of_file(file, options["format"]) if file else profile_source(_source(source))).to_json()

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write("\n".join(_told(result)))


def _source(name: str) -> EventSource:
    try:
        return EventSource.objects.get(name=name.replace("\0", ""))
    except EventSource.DoesNotExist as error:
        raise stop(f"--source {name[:80]}: there is no such source.", Exit.USAGE) from error


def _of_file(name: str, format: str) -> Profile:
    with _opened(name) as stream:
        return profile_lines((line for line, _ in lines_of(stream, name)), name, format)


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


def _told(profile: dict[str, Any]) -> Iterator[str]:
    yield "{name} ({format}): {events:,} events, {refused:,} lines refused; told from {examined:,}".format_map(profile)
    for field in profile["fields"][:SHOWN_FIELDS]:
        yield from _field(field)
    more = profile["more_fields"] + max(0, len(profile["fields"]) - SHOWN_FIELDS)
    if more:
        yield f"and {more:,} more fields"
    if profile["filters"]:
        yield from _filters(profile["filters"])
    if profile["clusters"]:
        yield from _clusters(profile["clusters"])


def _field(field: dict[str, Any]) -> Iterator[str]:
    yield "{name}: {kind}, missing {share:.1%}, {distinct:,} different".format_map(field)
    if field["quantiles"]:
        quantiles = ", ".join(f"{name} {value:,.6g}" for name, value in field["quantiles"].items())
        yield f"{'':>4}mean {field['mean']:,.6g}; {quantiles}"
    for value in field["top"][:SHOWN_VALUES]:
        yield f"{value['events']:>10,} {value['share']:>6.1%}  {value['name'][:WIDEST]}"


def _filters(review: dict[str, Any]) -> Iterator[str]:
    yield "Filters: {dropped:,} of the newest {examined:,} events were dropped".format_map(review)
    if review["problem"]:
        yield f"{'':>4}{review['problem']}"
    for one in review["filters"]:
        yield "{dropped:>10,} {share:>6.1%}  {name}".format_map(one)
        if one["precision"] is not None:
            yield (
                "{0:>19}{ordinary:,} of {sampled:,} looked at again are not above the detector's threshold:"
                " {precision:.1%} ({low:.1%} to {high:.1%})".format("", **one)
            )
        if one["judged"]:
            yield "{0:>19}{judged:,} are like judged events, {threats:,} of them like threats".format("", **one)


def _clusters(found: dict[str, Any]) -> Iterator[str]:
    yield "Detections: {detections:,}, of which {alone:,} are like no others".format_map(found)
    if found["problem"]:
        yield f"{'':>4}{found['problem']}"
    for one in found["clusters"]:
        yield "{detections:>10,} {share:>6.0%}  {name}".format_map(one | {"name": one["name"][:WIDEST]})
