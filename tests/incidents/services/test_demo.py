from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Incident, Label
from incidents.services import demo
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeded():
    return demo.seed(reports=400)


def test_samples_are_marked_as_synthetic_everywhere(seeded):
    assert seeded == demo.Seeded(paths=40, reports=400)
    assert set(Incident.objects.values_list("source", flat=True)) == {"demo"}
    assert set(Label.objects.values_list("source", flat=True)) == {"demo"}
    assert all(incident.is_synthetic for incident in Incident.objects.all())


def test_most_samples_are_decided_and_the_newest_wait_for_classification(seeded):
    waiting = Incident.objects.filter(status="new")
    assert waiting.count() == 60
    assert Incident.objects.filter(status="decided").exclude(current_label=None).count() == 340
    newest = Incident.objects.order_by("-created_at")[:60]
    assert {incident.pk for incident in newest} == set(
        Job.objects.filter(kind="classify").values_list("object_id", flat=True)
    )
    assert timezone.now() - demo.SPREAD - timedelta(hours=1) < Incident.objects.earliest("created_at").created_at


def test_seeding_again_adds_only_what_is_missing(seeded):
    assert demo.seed(reports=400) == demo.Seeded(paths=0, reports=0)
    assert Incident.objects.count() == 400
