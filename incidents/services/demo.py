"""The sample data of a demonstration: the default taxonomy and synthetic reports, marked as such everywhere."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

from django.utils import timezone

from classifier.ml.taxonomy import LabelPath
from incidents.demo.reports import SyntheticReport, generate_reports
from incidents.demo.taxonomy import load_taxonomy
from incidents.models import Incident
from incidents.paths import PathBook
from incidents.services import taxonomy
from incidents.services.filing_many import KnownReport, file_many
from incidents.texts import clean_text, clean_title, text_hash

DECIDED_SHARE = 0.85
SPREAD = dt.timedelta(days=60)  # over which the samples were "filed"
CHUNK = 1000


@dataclass(frozen=True)
class Seeded:
    """What was added; all zero when everything was there."""

    paths: int
    reports: int


def seed(*, reports: int = 2400, random_seed: int = 20, now: dt.datetime | None = None) -> Seeded:
    """Add the default taxonomy and the samples that are not there yet: most decided, the newest undecided."""
    default = load_taxonomy()
    created = taxonomy.load_taxonomy(default.rows, default.categories, default.sub_categories)
    samples = _samples(reports, random_seed, now or timezone.now())
    added = 0
    while chunk := list(islice(samples, CHUNK)):
        added += _file_missing(chunk)
    return Seeded(created.paths, added)


def _samples(count: int, random_seed: int, now: dt.datetime) -> Iterator[KnownReport]:
    ids = taxonomy.stored_paths()
    book = PathBook.of(ids)
    rng = Random(random_seed)  # noqa: S311 - samples, not secrets
    moments = sorted(now - SPREAD * rng.random() for _ in range(count))
    for number, sample in enumerate(generate_reports(count, random_seed)):
        path_ids = _path_ids(sample, book, ids) if number < count * DECIDED_SHARE else ()
        text = clean_text(sample.text)
        yield KnownReport(
            key=f"demo:{text_hash(text)}",
            text=text,
            title=clean_title(sample.title),
            document=sample.document,
            path_ids=path_ids,
            at=moments[number],
        )


def _path_ids(sample: SyntheticReport, book: PathBook, ids: dict[LabelPath, int]) -> tuple[int, ...]:
    paths = {path for category, sub in sample.rows for path in book.resolve((category,), (sub,) if sub else ())}
    return tuple(sorted(ids[path] for path in paths))


def _file_missing(chunk: list[KnownReport]) -> int:
    keys = [report.key for report in chunk]
    there = set(Incident.objects.filter(idempotency_key__in=keys).values_list("idempotency_key", flat=True))
    missing = [report for report in chunk if report.key not in there]
    file_many(missing, source=Incident.Source.DEMO)
    return len(missing)
