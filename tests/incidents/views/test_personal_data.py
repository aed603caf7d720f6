"""Pages, downloads and answers hold no personal data, but for who may see it and asked for it."""

import pytest
from django.urls import reverse

from incidents.models import AuditEvent, Incident
from incidents.services.filing import FiledReport, file_incident
from incidents.services.revealing import REVEALED
from tests.builders import make_api_client, make_incident, make_label, make_user
from tests.incidents.desk import work_off

pytestmark = pytest.mark.django_db
VALUES = ("asha@mail.example.com", "203.0.113.77", "4111 1111 1111 1111", "98765 43210", "Asha Rao")
TEXT = f"Mail from {VALUES[0]} at {VALUES[1]}: she took {VALUES[2]}. Call {VALUES[3]}."


@pytest.fixture
def reporter():
    return make_user("reporter")


@pytest.fixture
def incident(reporter) -> Incident:
    report = FiledReport(f"About {VALUES[0]}", TEXT, contact=VALUES[4])
    found = file_incident(report, source=Incident.Source.WEB, reporter=reporter).incident
    work_off()
    return found


def held(answer) -> list[str]:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return [value for value in VALUES if value in content.decode()]


@pytest.fixture
def analyst(client):
    user = make_user("analyst", role="analyst")
    client.force_login(user)
    return user


def test_no_page_of_analysts_holds_a_value(client, analyst, incident) -> None:
    observable = incident.observables.get(kind="email")
    pages = [
        reverse("incident", args=[incident.pk]), f"{reverse('incident', args=[incident.pk])}?tab=comments",
        reverse("review-report", args=[incident.pk]), f"{reverse('queue')}?status=all",
        f"{reverse('observables')}?number={observable.pk}", reverse("incident-snooze", args=[incident.pk]),
        reverse("merge", args=[incident.pk]), reverse("export", args=["csv"]) + "?status=all",
        reverse("export", args=["jsonl"]) + "?status=all",
    ]  # fmt: skip
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200 and held(answer) == [], page
    assert not AuditEvent.objects.filter(kind=REVEALED).exists()


def test_the_button_shows_it_on_this_reports_pages_and_leaves_a_row(client, analyst, incident) -> None:
    page = reverse("review-report", args=[incident.pk])
    assert "Show personal data" in client.get(page).content.decode()
    answer = client.post(reverse("incident-reveal", args=[incident.pk]), {"back": page}, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert held(answer) == list(VALUES) and "Hide it" in answer.content.decode()
    assert held(client.get(reverse("incident", args=[incident.pk]))) == list(VALUES)
    assert held(client.get(f"{reverse('queue')}?status=all")) == []
    assert AuditEvent.objects.get(kind=REVEALED).actor == analyst
    answer = client.post(reverse("incident-conceal", args=[incident.pk]), follow=True)
    assert held(answer) == []


def test_a_back_address_of_another_site_is_not_followed(client, analyst, incident) -> None:
    answer = client.post(reverse("incident-reveal", args=[incident.pk]), {"back": "https://evil.example/"})
    assert answer.url == reverse("incident", args=[incident.pk])


def test_the_reporter_reads_what_they_wrote_and_reveals_nothing(client, reporter, incident) -> None:
    client.force_login(reporter)
    for page in (reverse("incident", args=[incident.pk]), reverse("receipt", args=[incident.receipt_token])):
        assert held(client.get(page)) == list(VALUES[:4])
    assert held(client.get(reverse("mine"))) == [VALUES[0]]
    assert client.post(reverse("incident-reveal", args=[incident.pk])).status_code == 403


def test_an_export_as_it_was_written_is_for_leads_and_noted(client, analyst, incident) -> None:
    wanted = reverse("export", args=["csv"]) + "?status=all&personal_data=1"
    assert client.get(wanted).status_code == 403
    assert "personal_data=1" not in client.get(f"{reverse('queue')}?status=all").content.decode()
    client.force_login(make_user(role="lead"))
    assert "personal_data=1" in client.get(f"{reverse('queue')}?status=all").content.decode()
    assert held(client.get(wanted)) == list(VALUES[:4])
    assert AuditEvent.objects.filter(kind="incidents.exported").latest("pk").detail["personal_data"] is True


def test_the_api_tells_masked_words_and_all_of_them_when_asked(analyst, reporter, incident) -> None:
    detail, reveal = (reverse(name, args=[incident.pk]) for name in ("api-incident", "api-incident-reveal"))
    api = make_api_client(analyst)
    for address in (detail, reverse("api-incidents")):
        assert held(api.get(address)) == []
    assert api.get(detail).json()["contact"] == "[CONTACT]"
    answer = api.post(reveal)
    assert answer.status_code == 200 and answer.json()["text"] == TEXT and answer.json()["contact"] == VALUES[4]
    assert AuditEvent.objects.get(kind=REVEALED).actor == analyst
    assert held(make_api_client(reporter).get(detail)) == list(VALUES)
    assert make_api_client(analyst, "incidents:read").post(reveal).status_code == 403


def test_an_observable_of_a_number_that_is_none_finds_nothing(client, analyst) -> None:
    for query in ("?number=999999", "?number=x", "", "?kind=email&value=nobody@mail.example"):
        assert "No report has it" in client.get(reverse("observables") + query).content.decode()


def test_what_stands_beside_the_text_is_masked_and_shown_the_same_way(client, analyst) -> None:
    incident = make_incident(text="Nothing personal here.", document=f"mail of {VALUES[0]}.pdf")
    page = reverse("incident", args=[incident.pk])
    assert held(client.get(page)) == []
    client.post(reverse("incident-reveal", args=[incident.pk]))
    assert held(client.get(page)) == [VALUES[0]]
    assert AuditEvent.objects.get(kind=REVEALED).detail == {"kinds": ["email"]}


def test_a_persons_last_decisions_show_their_reasons_masked(client, analyst) -> None:
    incident = make_incident(text="Nothing personal here.")
    make_label(incident, verdict="unsure", reviewer=analyst, reason=f"Ask {VALUES[0]}")
    page = client.get(reverse("review-report", args=[make_incident().pk]))
    assert held(page) == [] and "Ask [EMAIL]" in page.content.decode()
