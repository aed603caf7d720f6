"""What the events of a source or a file are like: fields, what filters dropped, and kinds of detections."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain, islice
from typing import Any

from events.models import EventSource
from events.services.feature_rows import newest, stored_events
from events.services.profile_clusters import Clusters, cluster_detections
from events.services.profile_fields import FieldProfile, profile_fields
from events.services.profile_filters import FilterReview, review_filters
from events.stream.event import BrokenLine, Line
from events.stream.formats import Reader, detect_format, open_reader

SAMPLE = 20_000  # events whose fields are told: about 100 MB
AUTO = "auto"
FIRST_LINES = 100  # that a format is told from

Fields = dict[str, Any]


@dataclass(frozen=True)
class Profile:
    """`events` are those of the file or, about, of the source; the fields are told from `examined` of them.

    `refused` lines of a file are no events. Filters and detections are those of a source.
    """

    name: str
    format: str
    events: int
    examined: int
    refused: int
    fields: tuple[FieldProfile, ...]
    more_fields: int
    filters: FilterReview | None = None
    clusters: Clusters | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def profile_source(source: EventSource, sample: int = SAMPLE) -> Profile:
    """Fields of the newest events, dropped ones too."""
    rows = list(newest(source, sample).values_list("fields", flat=True)[:sample])
    fields, more = profile_fields(rows)
    return Profile(
        name=source.name,
        format=source.format,
        events=max(stored_events(source), len(rows)),
        examined=len(rows),
        refused=0,
        fields=fields,
        more_fields=more,
        filters=review_filters(source),
        clusters=cluster_detections(source),
    )


def profile_lines(lines: Iterable[Line], name: str, format: str = AUTO, sample: int = SAMPLE) -> Profile:
    """Fields of a fair draw from all lines of a file, in bounded memory. Raises UnknownFormat."""
    waiting = iter(lines)
    first = list(islice(waiting, FIRST_LINES))
    found = detect_format([line.raw for line in first]) if format == AUTO else format
    tally = _Tally(open_reader(found))
    drawn, count = _drawn(tally.events(chain(first, waiting)), sample)
    fields, more = profile_fields(drawn)
    return Profile(name, found, count, len(drawn), tally.refused, fields, more)


@dataclass
class _Tally:
    """Reads lines, and counts those that are broken."""

    reader: Reader
    refused: int = 0

    def events(self, lines: Iterable[Line]) -> Iterator[Fields]:
        for line in lines:
            try:
                reading = None if line.left_out else self.reader.read(line.raw)
                self.refused += line.left_out > 0
            except BrokenLine:
                self.refused += 1
                continue
            if reading is not None:
                yield reading.fields


def _drawn(events: Iterable[Fields], size: int) -> tuple[list[Fields], int]:
    """At most `size` of them, each as likely as another (algorithm R), the same each time; and how many there were."""
    drawn: list[Fields] = []
    chance, count = random.Random(0), 0  # noqa: S311 - a draw, not a secret
    for count, event in enumerate(events, 1):
        if len(drawn) < size:
            drawn.append(event)
        elif (place := chance.randrange(count)) < size:
            drawn[place] = event
    return drawn, count
