import pytest

from classifier.services import unseen
from classifier.services.snapshot import freeze
from classifier.services.unseen import unseen_texts
from incidents.models import Incident
from tests.builders import make_incident, make_taxonomy_version
from tests.classifier.services.conftest import decide_reports

pytestmark = pytest.mark.django_db


@pytest.fixture
def snapshot():
    decide_reports(60)
    make_taxonomy_version()
    return freeze()


def test_test_reports_come_first_and_then_the_newest_undecided_ones(snapshot):
    older, newer = (make_incident(text=f"A stranger asks for picture {number}.") for number in range(2))
    tests = snapshot.rows.filter(split="test").order_by("pk").values_list("text_revision_id", flat=True)
    assert unseen_texts(snapshot) == [*tests, newer.current_text_id, older.current_text_id]


def test_what_it_was_fitted_on_is_not_unseen_though_undecided_again(snapshot):
    fitted = snapshot.rows.exclude(split="test")
    Incident.objects.filter(dataset_rows__in=fitted).update(status=Incident.Status.CLASSIFIED)
    assert not set(unseen_texts(snapshot)) & set(fitted.values_list("text_revision_id", flat=True))


def test_decided_after_the_snapshot_is_not_taken(snapshot):
    before = unseen_texts(snapshot)
    decide_reports(3, start=300)
    assert unseen_texts(snapshot) == before


def test_there_are_no_more_than_are_needed(snapshot, monkeypatch):
    everything = unseen_texts(snapshot)
    monkeypatch.setattr(unseen, "MOST", 4)
    assert unseen_texts(snapshot) == everything[:4]
    make_incident()
    monkeypatch.setattr(unseen, "MOST", len(everything))
    assert unseen_texts(snapshot) == everything
