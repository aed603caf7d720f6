"""The filing form."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Incident, Setting
from tests.builders import make_user
from workers.models import Job

pytestmark = pytest.mark.django_db

TEXT = "Somebody called as my bank and asked for the code.\nThe money was gone a minute later."


def sent(**overrides: Any) -> dict[str, Any]:
    return {"title": "Call from a bank", "text": TEXT, "currency": "INR", "key": str(uuid4())} | overrides


def test_a_report_is_filed_with_its_work_and_leads_to_its_receipt(client: Client) -> None:
    facts = {"noticed_at": "2026-03-14T15:09", "money_lost": "5000.50", "contact": "a@example.org", "consent": "on"}
    response = client.post("/file/", sent(**facts))
    incident = Incident.objects.get()
    assert response.headers["Location"] == f"/r/{incident.receipt_token}/"
    assert (incident.title, incident.text, incident.source) == ("Call from a bank", TEXT, "web")
    assert (incident.money_lost, incident.contact, incident.consent) == (Decimal("5000.50"), "a@example.org", True)
    assert incident.noticed_at and incident.noticed_at.year == 2026
    job = Job.objects.get(kind="classify")
    assert (job.kind, job.object_id, job.priority) == ("classify", incident.pk, Job.Priority.WEB)


def test_the_report_belongs_to_who_is_signed_in(client: Client) -> None:
    reporter = make_user()
    client.force_login(reporter)
    client.post("/file/", sent())
    assert Incident.objects.get().reporter == reporter


def test_a_second_press_of_the_button_files_nothing(client: Client) -> None:
    form = sent()
    first, second = client.post("/file/", form), client.post("/file/", form)
    assert first.headers["Location"] == second.headers["Location"]
    assert Incident.objects.count() == 1


def test_the_same_form_with_other_words_asks_before_it_files_again(client: Client) -> None:
    form = sent()
    client.post("/file/", form)
    response = client.post("/file/", form | {"title": "Another title"})
    assert "You sent this form before" in response.content.decode()
    key = response.context["form"]["key"].value()
    assert key != form["key"]
    assert client.post("/file/", form | {"title": "Another title", "key": key}).status_code == 302
    assert Incident.objects.count() == 2


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ({"text": ""}, "Describe what happened"),
        ({"text": "   \n "}, "Describe what happened"),
        ({"text": "a" * 20_001}, "at most 20,000 are taken"),
        ({"text": "binary \x01 data"}, "Send plain text"),
        ({"text": "broken \ufffd text"}, "UTF-8"),
        ({"title": ""}, "This field is required"),
        ({"title": "t" * 201}, "at most 200"),
        ({"money_lost": "-1"}, "without a sign"),
        ({"money_lost": "much"}, "Enter a number"),
        ({"noticed_at": "yesterday"}, "Write a date and a time"),
        ({"currency": "XXX"}, "Select a valid choice"),
        ({"key": "nonsense"}, "Reload the page"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_filed(client: Client, overrides: dict[str, str], sentence: str) -> None:
    response = client.post("/file/", sent(**overrides))
    assert sentence in response.content.decode()
    assert not Incident.objects.exists()


def test_a_moment_that_is_still_to_come_is_refused(client: Client) -> None:
    tomorrow = timezone.now() + timezone.timedelta(days=1)
    response = client.post("/file/", sent(noticed_at=tomorrow.strftime("%Y-%m-%dT%H:%M")))
    assert "still to come" in response.content.decode()


def test_the_summary_of_errors_links_to_the_fields_and_keeps_what_was_typed(client: Client) -> None:
    page = client.post("/file/", sent(title="", money_lost="-1")).content.decode()
    assert 'href="#id_title"' in page
    assert 'href="#id_money_lost"' in page
    assert "The money was gone a minute later." in page
    assert 'aria-invalid="true"' in page


def test_every_field_of_the_form_has_a_label(client: Client) -> None:
    response = client.get("/file/")
    page = response.content.decode()
    for field in response.context["form"].visible_fields():
        assert f'for="{field.id_for_label}"' in page


def test_markup_in_a_report_stays_text(client: Client) -> None:
    page = client.post("/file/", sent(title="<script>alert(1)</script>", text=""), follow=True).content.decode()
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;" in page


def test_filing_needs_an_account_when_the_admin_says_so(client: Client) -> None:
    Setting.objects.create(key="anonymous_filing", value=False)
    for response in (client.get("/file/"), client.post("/file/", sent())):
        assert response.headers["Location"].startswith("/accounts/login/?next=/file/")
    assert not Incident.objects.exists()
    client.force_login(make_user())
    assert client.post("/file/", sent()).headers["Location"].startswith("/r/")


def test_a_form_from_another_site_is_refused() -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/file/", sent())
    assert response.status_code == 403
    assert "The form has expired" in response.content.decode()
    assert not Incident.objects.exists()
