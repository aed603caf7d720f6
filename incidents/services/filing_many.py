"""Filing reports by the thousand, with what is known about them: the one road of imports and of samples."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from classifier.ml.taxonomy import category_text
from classifier.services.asking import request_classifications
from incidents import policy
from incidents.models import Incident, Label, TaxonomyVersion, TextRevision
from incidents.services import draws
from incidents.services.observables import request_observables_of_many
from incidents.services.splits import Newcomer, place
from incidents.services.taxonomy import current_version, stored_paths
from incidents.texts import text_hash
from workers.models import Job


@dataclass(frozen=True, slots=True)
class KnownReport:
    """A report with clean text and title. With `path_ids` it is decided from the start, else it waits for a model."""

    key: str
    text: str
    title: str = ""
    document: str = ""
    path_ids: tuple[int, ...] = ()
    at: dt.datetime = field(default_factory=timezone.now)


def file_many(reports: Sequence[KnownReport], *, source: Incident.Source) -> None:
    """File reports whose keys are new, in a constant number of queries per thousand.

    Raises IntegrityError, and files none, when a key has been used before.
    """
    newcomers = [Newcomer.of(report.text, report.document) for report in reports]
    with transaction.atomic():
        _file(reports, newcomers, source)


def _file(reports: Sequence[KnownReport], newcomers: Sequence[Newcomer], source: Incident.Source) -> None:
    incidents = _create_incidents(reports, newcomers, source)
    ids = [incident.pk for incident in incidents]
    texts = TextRevision.objects.bulk_create(
        TextRevision(
            incident=incident,
            title=report.title,
            text=report.text,
            text_hash=text_hash(report.text),
            created_at=report.at,
        )
        for incident, report in zip(incidents, reports, strict=True)
    )
    _decide(reports, texts, source)
    _point_at_newest(ids)
    request_observables_of_many(ids)
    waiting = [pk for pk, report in zip(ids, reports, strict=True) if not report.path_ids]
    if waiting:
        request_classifications(waiting, priority=Job.Priority.IMPORT)


def _create_incidents(
    reports: Sequence[KnownReport], newcomers: Sequence[Newcomer], source: Incident.Source
) -> list[Incident]:
    placements = place(newcomers)
    names = {pk: path for path, pk in stored_paths().items()}
    blind_share = policy.value("blind_share")
    incidents = Incident.objects.bulk_create(
        Incident(
            source=source,
            idempotency_key=report.key,
            document=report.document,
            created_at=report.at,
            status=Incident.Status.DECIDED if report.path_ids else Incident.Status.NEW,
            decided_at=report.at if report.path_ids else None,
            standing_category=category_text(names[pk] for pk in report.path_ids),
            split_group=placement.group,
            split=placement.split,
            twins=placement.twins,
            blind=not report.path_ids and draws.by_chance(blind_share),
        )
        for report, placement in zip(reports, placements, strict=True)
    )
    _store_bands((one.pk, band) for one, placed in zip(incidents, placements, strict=True) for band in placed.bands)
    return incidents


def _store_bands(rows: Iterable[tuple[int, int]]) -> None:
    """Insert (incident id, key) rows by hand: at eight a report, the ORM would spend a quarter of an import on them."""
    with connection.cursor() as cursor:
        cursor.executemany('INSERT INTO incidents_textband (incident_id, "key") VALUES (%s, %s)', list(rows))


def _decide(reports: Iterable[KnownReport], texts: Iterable[TextRevision], source: Incident.Source) -> None:
    version = current_version()
    decided = [(report, text) for report, text in zip(reports, texts, strict=True) if report.path_ids]
    labels = Label.objects.bulk_create(_label(report, text, version, source) for report, text in decided)
    Label.paths.through.objects.bulk_create(
        Label.paths.through(label_id=label.pk, path_id=path_id)
        for label, (report, _) in zip(labels, decided, strict=True)
        for path_id in report.path_ids
    )


def _label(report: KnownReport, text: TextRevision, version: TaxonomyVersion, source: Incident.Source) -> Label:
    return Label(
        incident_id=text.incident_id,
        text_revision=text,
        taxonomy_version=version,
        source=Label.Source(source.value),
        verdict=Label.Verdict.CORRECT,
        created_at=report.at,
    )


def _point_at_newest(ids: Sequence[int]) -> None:
    """Set the `current_*` pointers of new reports in one statement."""
    mine = {"incident": OuterRef("pk")}
    Incident.objects.filter(pk__in=ids).update(
        current_text=Subquery(TextRevision.objects.filter(**mine).order_by("-number").values("pk")[:1]),
        current_label=Subquery(Label.objects.filter(**mine).order_by("-pk").values("pk")[:1]),
    )
