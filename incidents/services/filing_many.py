"""Filing reports by the thousand, with what is known about them: the one road of imports and of samples."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from classifier.ml.taxonomy import LabelPath, category_text
from classifier.services.asking import request_classifications
from config.store import Insert, insert_alike, reserve_ids
from incidents import policy
from incidents.models import ImportBatch, Incident, Label, SearchDocument, TextBand, TextRevision, Webhook
from incidents.services import draws, webhooks
from incidents.services.observables import request_observables_of_many
from incidents.services.splits import Newcomer, Placement, newcomers, place
from incidents.services.taxonomy import current_version, stored_paths
from incidents.texts import text_hash
from incidents.words import indexed
from workers.models import Job

Paths = Mapping[int, LabelPath]


@dataclass(frozen=True, slots=True)
class KnownReport:
    """A report with clean text and title. With `path_ids` it is decided from the start, else it waits for a model."""

    key: str
    text: str
    title: str = ""
    document: str = ""
    path_ids: tuple[int, ...] = ()
    at: dt.datetime = field(default_factory=timezone.now)


Prepared = Sequence[tuple[KnownReport, Newcomer]]


def file_many(reports: Sequence[KnownReport], *, source: Incident.Source) -> None:
    """File reports whose keys are new, in a constant number of queries per thousand.

    Raises IntegrityError, and files none, when a key has been used before.
    """
    file_prepared(prepare(reports), source=source)


def prepare(reports: Sequence[KnownReport]) -> Prepared:
    """What of filing takes time and no database."""
    found = newcomers([(report.text, report.document) for report in reports])
    return list(zip(reports, found, strict=True))


def file_prepared(prepared: Prepared, *, source: Incident.Source, batch: ImportBatch | None = None) -> None:
    """As `file_many`."""
    with transaction.atomic():
        placements = place([newcomer for _, newcomer in prepared])
        _file(_numbered([report for report, _ in prepared], placements), source, batch)


def _file(rows: Sequence["_Row"], source: Incident.Source, batch: ImportBatch | None) -> None:
    paths = {pk: path for path, pk in stored_paths().items()}
    _insert_incidents(rows, source, batch, paths)
    _insert_texts(rows)
    _insert_bands(rows)
    if decided := [row for row in rows if row.label_id]:
        _insert_labels(decided, source)
    _insert_words(rows, paths)
    request_observables_of_many(row.incident_id for row in rows)
    if waiting := [row.incident_id for row in rows if not row.label_id]:
        request_classifications(waiting, priority=Job.Priority.IMPORT)
    webhooks.emit(Webhook.Event.FILED, [row.incident_id for row in rows])


@dataclass(frozen=True, slots=True)
class _Row:
    """A report with the numbers that its rows are going to have, to point at each other from the start."""

    report: KnownReport
    placement: Placement
    incident_id: int
    text_id: int
    label_id: int | None


def _numbered(reports: Sequence[KnownReport], placements: Sequence[Placement]) -> list[_Row]:
    count = len(reports)
    decided = iter(reserve_ids(Label, sum(bool(report.path_ids) for report in reports)))
    label_ids = [next(decided) if report.path_ids else None for report in reports]
    ids = zip(reserve_ids(Incident, count), reserve_ids(TextRevision, count), label_ids, strict=True)
    return [_Row(report, place, *own) for report, place, own in zip(reports, placements, ids, strict=True)]


def _insert_incidents(rows: Sequence[_Row], source: Incident.Source, batch: ImportBatch | None, paths: Paths) -> None:
    decided, new = Incident.Status.DECIDED, Incident.Status.NEW
    blind_share = policy.value("blind_share")
    insert_alike(
        Incident,
        {
            "id": [row.incident_id for row in rows],
            "current_text_id": [row.text_id for row in rows],
            "current_label_id": [row.label_id for row in rows],
            "idempotency_key": [row.report.key for row in rows],
            "document": [row.report.document for row in rows],
            "created_at": [row.report.at for row in rows],
            "status": [decided if row.label_id else new for row in rows],
            "decided_at": [row.report.at if row.label_id else None for row in rows],
            "standing_category": [category_text(paths[pk] for pk in row.report.path_ids) for row in rows],
            "split_group": [row.placement.group for row in rows],
            "split": [row.placement.split for row in rows],
            "twins": [row.placement.twins for row in rows],
            "blind": [not row.label_id and draws.by_chance(blind_share) for row in rows],
        },
        source=source,
        import_batch_id=batch.pk if batch else None,
    )


def _insert_texts(rows: Sequence[_Row]) -> None:
    insert_alike(
        TextRevision,
        {
            "id": [row.text_id for row in rows],
            "incident_id": [row.incident_id for row in rows],
            "title": [row.report.title for row in rows],
            "text": [row.report.text for row in rows],
            "text_hash": [text_hash(row.report.text) for row in rows],
            "created_at": [row.report.at for row in rows],
        },
    )


def _insert_bands(rows: Sequence[_Row]) -> None:
    bands = [(row.incident_id, band) for row in rows for band in row.placement.bands]
    Insert(TextBand, ("incident_id", "key")).run(bands)


def _insert_words(rows: Sequence[_Row], paths: Paths) -> None:
    """As `search.index_reports` would, from what is known already."""
    names = {pk: f"{category_text([path])} {path.sub_category}" for pk, path in paths.items()}
    insert_alike(
        SearchDocument,
        {
            "incident_id": [row.incident_id for row in rows],
            "words": [
                indexed(*(names[pk] for pk in row.report.path_ids), row.report.title, row.report.text) for row in rows
            ],
        },
    )


def _insert_labels(rows: Sequence[_Row], source: Incident.Source) -> None:
    insert_alike(
        Label,
        {
            "id": [row.label_id for row in rows],
            "incident_id": [row.incident_id for row in rows],
            "text_revision_id": [row.text_id for row in rows],
            "created_at": [row.report.at for row in rows],
        },
        taxonomy_version_id=current_version().pk,
        source=Label.Source(source.value),
        verdict=Label.Verdict.CORRECT,
    )
    paths = [(row.label_id, path_id) for row in rows for path_id in row.report.path_ids]
    Insert(Label.paths.through, ("label_id", "path_id")).run(paths)
