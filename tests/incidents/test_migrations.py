"""Changes of the tables while there are rows in them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from incidents.models import AuditEvent, ImportBatch, Incident
from incidents.services.search import ids_of, index_reports
from tests.builders import make_incident

BEFORE_TOLD = [("incidents", "0016_profile_runs")]


def migrate(targets: list[tuple[str, str]]) -> None:
    MigrationExecutor(connection).migrate(targets)


@pytest.fixture
def newest(transactional_db: None) -> Iterator[list[tuple[str, str]]]:
    everything = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield [node for node in everything if node[0] == "incidents"]
    migrate(everything)  # what leans on an earlier state of these tables went back with it


def test_generated_columns_come_to_a_table_with_rows_and_words_are_still_found(newest: list[tuple[str, str]]) -> None:
    values = {"current_confidence": 0.95, "current_model": "classify-1", "current_unsure": True}
    plain, blind = make_incident(**values), make_incident(blind=True, **values)
    index_reports([plain.pk, blind.pk])
    migrate(BEFORE_TOLD)
    migrate(newest)
    rows = Incident.objects.order_by("pk").values_list(
        "confidence_band", "told_confidence", "told_model", "told_unsure"
    )
    assert list(rows) == [(4, 0.95, "classify-1", True), (0, None, "", False)]
    assert ids_of("one-time code") == [blind.pk, plain.pk]
    other = make_incident(title="A zebra called")
    index_reports([other.pk])
    assert ids_of("zebra") == [other.pk], "what keeps the index in step is there as well"


def test_reports_of_earlier_imports_get_a_batch_each(newest: list[tuple[str, str]]) -> None:
    moments = [timezone.now() - timedelta(hours=hours) for hours in (5, 4, 3, 2)]
    for text, moment in zip(("first", "second"), moments[::2], strict=True):
        make_incident(text=text, source="import", created_at=moment)
    filed = make_incident(text="filed", created_at=moments[0])
    for name, moment in zip(("a.csv", "b.csv"), moments[1::2], strict=True):
        AuditEvent.objects.create(kind="incidents.imported", subject=name, created_at=moment)
    migrate([("incidents", "0020_import_batch")])
    migrate(newest)
    batches = ImportBatch.objects.order_by("pk")
    assert [(one.name, one.incidents.get().text) for one in batches] == [("a.csv", "first"), ("b.csv", "second")]
    filed.refresh_from_db()
    assert filed.import_batch is None
