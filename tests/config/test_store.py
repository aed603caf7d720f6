import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from classifier.models import DatasetSnapshot
from config.store import insert_alike, reserve_ids
from incidents.models import Incident, TextRevision
from tests.builders import make_incident, make_snapshot

pytestmark = pytest.mark.django_db


def inserted(count=3, **columns):
    """So many reports with nothing but what they need."""
    with transaction.atomic():
        ids = reserve_ids(Incident, count)
        insert_alike(
            Incident, {"id": ids, "split_group": ["g"] * count, **columns}, source="import", split=Incident.Split.TRAIN
        )
    return [Incident.objects.get(pk=pk) for pk in ids]


def test_rows_get_the_defaults_that_a_saved_row_gets():
    (one, *_) = inserted()
    saved = Incident(source="import", split_group="g", split="train")
    own = {"id", "receipt_token", "shuffle", "created_at"}
    columns = [field.attname for field in Incident._meta.concrete_fields if not field.generated]
    assert {name for name in columns if getattr(one, name) != getattr(saved, name)} == own


def test_each_row_draws_a_default_of_its_own():
    rows = inserted()
    assert len({row.receipt_token for row in rows}) == len({row.shuffle for row in rows}) == 3


def test_times_texts_and_nothing_are_stored_as_they_are():
    now = timezone.now()
    odd = ["", 'a "b" \\ {c}, NULL', "हा\n"]
    rows = inserted(decided_at=[now, None, now], document=odd)
    assert [row.decided_at for row in rows] == [now, None, now]
    assert [row.document for row in rows] == odd


def test_a_text_that_is_too_long_for_its_column_is_refused_and_never_cut():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no lengths")
    with pytest.raises(Exception, match="too long"):
        inserted(document=["x" * 301] * 3)


def test_json_is_stored_as_json():
    like = make_snapshot()
    insert_alike(
        DatasetSnapshot,
        {"content_hash": ["x", "y"], "counts": [{"train": 1}, {}]},
        path_ids=[3, 4],
        taxonomy_version_id=like.taxonomy_version_id,
    )
    rows = DatasetSnapshot.objects.filter(content_hash__in="xy").order_by("content_hash")
    assert [(row.counts, row.path_ids) for row in rows] == [({"train": 1}, [3, 4]), ({}, [3, 4])]


def test_a_row_that_is_there_already_is_told():
    make_incident(idempotency_key="k")
    with pytest.raises(IntegrityError):
        inserted(idempotency_key=["a", "k", "b"])


def test_numbers_that_were_reserved_are_given_to_nobody_else():
    incident = make_incident()
    with transaction.atomic():
        reserved = reserve_ids(TextRevision, 3)
        columns = {"id": reserved, "number": [11, 12, 13]}
        insert_alike(TextRevision, columns, incident_id=incident.pk, text="x", text_hash="x")
    later = make_incident().current_text.pk
    assert later not in reserved
    assert reserved == sorted(set(reserved))


def test_numbers_of_rows_that_are_gone_are_not_given_again():
    (first, *_) = inserted()
    last = Incident.objects.latest("pk").pk
    Incident.objects.filter(pk=last).delete()
    with transaction.atomic():
        assert reserve_ids(Incident, 1)[0] > last > first.pk
