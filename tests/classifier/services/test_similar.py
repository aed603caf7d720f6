"""The most similar earlier reports."""

import numpy as np
import pytest
from django.db import connection

from classifier import vector_column
from classifier.models import AnomalySet, Embedding
from classifier.services import similar, vectors
from classifier.services.similar import lack, similar_reports
from incidents.models import Incident, TextRevision
from tests.builders import make_decided, make_incident, make_label, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db
ENCODER = "e" * 64


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(vectors, "_kept", {})


@pytest.fixture
def version():
    return make_version(stage="champion", encoder_hash=ENCODER)


@pytest.fixture
def analyst():
    return make_user(role="analyst")


def embed(incident, *direction, encoder_hash=ENCODER):
    vector = np.array(direction, np.float32)
    vector = (vector / np.linalg.norm(vector)).astype(np.float16)
    Embedding.objects.create(
        incident=incident, text_revision=incident.current_text, encoder_hash=encoder_hash, vector=vector.tobytes()
    )
    return incident


def test_the_nearest_come_first_with_what_was_decided(version, analyst):
    me = embed(make_incident(), 1, 0, 0)
    near = embed(make_decided(make_path("Fraud", "Vishing")), 0.9, 0.1, 0)
    nearer = embed(make_incident(), 1, 0.01, 0)
    embed(make_incident(), -1, 0, 0)
    found = similar_reports(me, analyst, count=2)
    assert [one.incident for one in found] == [nearer, near]
    assert found[0].similarity == pytest.approx(1, abs=1e-3)
    assert [str(path) for path in found[1].decided] == ["Fraud / Vishing"] and found[0].decided == []


def test_decided_ones_are_looked_for_further_away(version, analyst, monkeypatch):
    me = embed(make_incident(), 1, 0)
    for number in range(20):
        embed(make_incident(), 1, number / 1000)
    rejected, unsure = embed(make_incident(), 1, 1), embed(make_incident(), 1, 0.5)
    for one, verdict in ((rejected, "reject"), (unsure, "unsure")):
        Incident.objects.filter(pk=one.pk).update(current_label=make_label(one, verdict=verdict))
    paths = [make_path("Fraud", name) for name in ("Card", "Vishing", "Wallet")]
    near, far, _farther = (embed(make_decided(path), 1, 2 + place) for place, path in enumerate(paths))
    assert [one.incident for one in similar_reports(me, analyst, decided=True)] == [rejected, near, far]
    monkeypatch.setattr(similar, "FARTHEST_LOOK", similar.FIRST_LOOK)
    assert similar_reports(me, analyst, decided=True) == [], "not without end"


def test_only_reports_that_the_person_may_see(version):
    reporter = make_user()
    me = embed(make_incident(reporter=reporter), 1, 0)
    for number in range(40):
        embed(make_incident(), 1, number / 1000)
    mine = embed(make_incident(reporter=reporter), 0, 1)
    assert [one.incident for one in similar_reports(me, reporter)] == [mine]


def test_earlier_texts_and_other_encoders_do_not_count(version, analyst):
    me, other = embed(make_incident(), 1, 0), embed(make_incident(), 1, 0)
    other.current_text = TextRevision.objects.create(incident=other, number=2, text="another text", text_hash="x")
    other.save()
    embed(make_incident(), 1, 0, encoder_hash="f" * 64)
    assert similar_reports(me, analyst) == []


def test_until_a_new_encoder_has_its_set_the_old_one_is_used(version, analyst):
    old = make_version(encoder_hash="f" * 64)
    AnomalySet.objects.create(version=old, encoder_hash=old.encoder_hash, status="serving")
    me, other = make_incident(), make_incident()
    for incident in (me, other):
        embed(incident, 1, 0, 0, encoder_hash=old.encoder_hash)
    embed(me, 1, 0)
    assert [one.incident for one in similar_reports(me, analyst)] == [other]


def test_without_a_vector_nothing_is_known_and_the_reason_is_told(version, analyst):
    incident = make_incident()
    assert similar_reports(incident, analyst) is None and "No model has read" in lack(incident)
    make_path("Fraud")
    make_prediction(incident, make_version())
    assert similar_reports(incident, analyst) is None and "Have it classified again" in lack(incident)


def test_new_reports_are_found_and_erased_ones_forgotten(version, analyst):
    me, first = embed(make_incident(), 1, 0), embed(make_incident(), 1, 0.5)
    assert [one.incident for one in similar_reports(me, analyst)] == [first]
    second = embed(make_incident(), 1, 0.2)
    assert [one.incident for one in similar_reports(me, analyst)] == [second, first]
    Embedding.objects.filter(incident=second).delete()
    assert [one.incident for one in similar_reports(me, analyst)] == [first]


def test_memory_is_rid_of_erased_vectors_within_a_minute(version, analyst, monkeypatch):
    monkeypatch.setattr(vector_column, "is_there", lambda: False)
    me, gone = embed(make_incident(), 1, 0), embed(make_incident(), 1, 0.5)
    similar_reports(me, analyst)
    Embedding.objects.filter(incident=gone).delete()
    similar_reports(me, analyst)
    assert len(vectors._kept[ENCODER].vectors) == 2
    monkeypatch.setattr(vectors, "CHECK_SECONDS", 0.0)
    vectors.nearest_texts("f" * 64, np.array([1, 0], np.float32), 1)  # whichever encoder is asked about
    assert ENCODER not in vectors._kept
    assert similar_reports(me, analyst) == []
    assert len(vectors._kept[ENCODER].vectors) == 1


def test_two_encoders_in_use_are_each_read_once(version, analyst, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(vector_column, "is_there", lambda: False)
    query = np.array([1, 0], np.float32)
    for encoder_hash in (ENCODER, "f" * 64):
        embed(make_incident(), 1, 0, encoder_hash=encoder_hash)
        vectors.nearest_texts(encoder_hash, query, 1)
    for encoder_hash in (ENCODER, "f" * 64):
        kept = vectors._kept[encoder_hash]
        with django_assert_num_queries(1):  # for rows that have come since
            assert len(vectors.nearest_texts(encoder_hash, query, 1)) == 1
        assert vectors._kept[encoder_hash] is kept
    vectors.nearest_texts("a" * 64, query, 1)
    assert set(vectors._kept) == {"f" * 64, "a" * 64}


def test_memory_keeps_the_newest(version, analyst, monkeypatch):
    monkeypatch.setattr(vectors, "MOST", 3)
    monkeypatch.setattr(vector_column, "is_there", lambda: False)
    reports = [embed(make_incident(), 1, number / 10) for number in range(4)]
    assert [one.incident for one in similar_reports(reports[3], analyst, count=9)] == [reports[2], reports[1]]
    embed(make_incident(), 0, 1)
    similar_reports(reports[3], analyst)
    assert len(vectors._kept[ENCODER].texts) == 3


@pytest.mark.vectors
def test_pgvector_compares_as_numpy_does(version, monkeypatch):
    from tests.conftest import not_here

    if connection.vendor != "postgresql" or not vector_column.is_there():
        not_here("the PostgreSQL server has no pgvector 0.7 or newer; TEST_VECTOR_DATABASE_URL can name one that has")
    rng = np.random.default_rng(0)
    for _ in range(50):
        embed(make_incident(), *rng.normal(size=24))
    embed(make_incident(), *[1e-7] * 12, *[-1.0] * 12)  # numbers that float16 holds in its own way
    query = rng.normal(size=24).astype(np.float32)
    query = (query / np.linalg.norm(query)).astype(np.float16).astype(np.float32)
    inside = vectors.nearest_texts(ENCODER, query, 51)
    monkeypatch.setattr(vector_column, "is_there", lambda: False)
    here = vectors.nearest_texts(ENCODER, query, 51)
    assert [text for text, _ in inside] == [text for text, _ in here]
    assert np.allclose([cosine for _, cosine in inside], [cosine for _, cosine in here], atol=1e-3)
