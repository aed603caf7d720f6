"""Pages of erasing, of holds, and of how long reports are kept."""

import pytest
from django.test import Client
from django.urls import reverse

from events.services.erasing import request_erasure
from incidents.models import Erasure, LegalHold, RetentionRule
from tests.builders import make_incident, make_path, make_user
from workers.models import Job

pytestmark = pytest.mark.django_db


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(make_user(role=role))
    return client


@pytest.fixture
def admin() -> Client:
    return client_of("admin")


def test_it_is_erased_once_the_phrase_is_typed(admin: Client) -> None:
    incident = make_incident(title="Gone soon")
    address = reverse("erasure-new")
    assert b"ERASE 1" in admin.get(address, {"what": incident.pk}).content
    asked = {"what": str(incident.pk), "reason": "Asked for", "typed": "erase 2"}
    assert b"Write exactly ERASE 1" in admin.post(address, asked).content
    assert not Erasure.objects.exists()
    answer = admin.post(address, asked | {"typed": "erase 1"}, follow=True)
    assert answer.redirect_chain and b"Asked for" in answer.content


def test_who_is_not_there_is_said(admin: Client) -> None:
    assert b"Nobody of this name" in admin.get(reverse("erasure-new"), {"what": "nobody"}).content


def test_a_tombstone_tells_when_by_whom_and_why_and_no_word(admin: Client) -> None:
    incident = make_incident(title="Unspeakable", text="What nobody may read")
    request_erasure([incident.pk], reason="They asked", by=make_user("ada", role="admin"))
    page = admin.get(reverse("incident", args=[incident.pk])).content.decode()
    assert "They asked" in page and "ada" in page and "Unspeakable" not in page
    for name in ("incident-comment", "incident-assign", "incident-snooze", "merge"):
        assert admin.post(reverse(name, args=[incident.pk]), {"text": "x"}).status_code == 404


def test_its_reporter_and_its_receipt_find_nothing() -> None:
    reporter = make_user()
    incident = make_incident(reporter=reporter)
    request_erasure([incident.pk], reason="x", by=None)
    client = Client()
    client.force_login(reporter)
    assert client.get(reverse("incident", args=[incident.pk])).status_code == 404


def test_a_failed_erasure_says_so_and_can_go_on(admin: Client) -> None:
    erasure = request_erasure([make_incident().pk], reason="x", by=None)
    Job.objects.filter(kind="erase").update(status="failed", error="The disk is full.")
    page = admin.get(reverse("erasure", args=[erasure.pk])).content.decode()
    assert "The disk is full." in page and "Go on" in page


def test_a_lead_holds_a_report_and_lifts_it() -> None:
    lead, incident = client_of("lead"), make_incident()
    lead.post(reverse("incident-hold", args=[incident.pk]), {"hold-reason": "A court"})
    page = lead.get(reverse("incident", args=[incident.pk])).content.decode()
    assert "Under legal hold" in page and "A court" in page and "Legal hold set" in page
    assert "hold.set" not in page
    hold = LegalHold.objects.get()
    assert b"A court" in lead.get(reverse("holds")).content
    lead.post(reverse("hold-lift", args=[hold.pk]))
    assert "Under legal hold" not in lead.get(reverse("incident", args=[incident.pk])).content.decode()


def test_a_hold_without_a_reason_is_refused() -> None:
    lead, incident = client_of("lead"), make_incident()
    answer = lead.post(reverse("incident-hold", args=[incident.pk]), {"hold-reason": " "}, follow=True)
    assert b"Say why it is held" in answer.content and not LegalHold.objects.exists()


def test_rules_are_looked_at_before_they_are_saved(admin: Client) -> None:
    category = make_path("Fraud").categories.get()
    rules = {f"category-{category.pk}": "30", "others": ""}
    page = admin.post(reverse("retention"), rules | {"look": ""}).content
    assert b"would erase 0 reports now" in page and not RetentionRule.objects.exists()
    admin.post(reverse("retention"), rules | {"save": ""})
    assert RetentionRule.objects.in_force() == {category.pk: 30}
