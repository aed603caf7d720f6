"""Whoever comes from a list is led back to it."""

import html
import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Incident, User
from incidents.services import alike
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db
LIST = "status=waiting&order=oldest"


@pytest.fixture(autouse=True)
def analyst(client: Client, monkeypatch: pytest.MonkeyPatch) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def reports() -> list[Incident]:
    return [make_incident(status="classified") for _ in range(3)]


def url(name: str, incident: Incident) -> str:
    return reverse(name, args=[incident.pk])


def asked(client: Client, incident: Incident) -> str:
    """Where the review page of the list asks whether the report looks like another one."""
    page = client.get(f"{url('review-report', incident)}?{LIST}").content.decode()
    found = re.search(r'hx-get="(/incidents/[0-9]*/alike/[^"]*)"', page)
    assert found
    return html.unescape(found[1])


def test_joining_a_report_under_review_goes_on_with_the_next_of_the_list(
    client: Client, reports: list[Incident], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, head, _ = reports
    offer = alike.Offer(head, 0.99, [])
    monkeypatch.setattr(alike, "offer", lambda *_: offer)
    form = client.get(asked(client, first)).content.decode()
    back = re.search(r'name="back" value="([^"]*)"', form)
    assert back
    answer = {"into": head.pk, "same": "yes", "back": html.unescape(back[1])}
    joined = client.post(url("alike-answer", first), answer, follow=True)
    assert [address for address, _ in joined.redirect_chain] == [
        f"{reverse('review')}?{LIST}",
        f"{url('review-report', head)}?{LIST}",
    ]
    assert f"Report #{first.pk} is joined to report #{head.pk}" in joined.content.decode()
    first.refresh_from_db()
    assert first.merged_into == head


def test_a_refusal_leaves_nobody_on_another_page(client: Client, reports: list[Incident], analyst: User) -> None:
    first = reports[0]
    client.get(f"{url('review-report', first)}?{LIST}")
    answer = {"into": first.pk, "same": "yes", "back": f"{reverse('review')}?{LIST}"}
    refused = client.post(url("alike-answer", first), answer, follow=True)
    assert refused.redirect_chain[-1][0] == f"{url('review-report', first)}?{LIST}"
    assert "cannot be joined to itself" in refused.content.decode()


@pytest.mark.parametrize("back", ["", "https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_no_answer_leads_off_the_site(client: Client, reports: list[Incident], back: str) -> None:
    answer = {"into": reports[1].pk, "same": "no", "back": back}
    assert client.post(url("alike-answer", reports[0]), answer)["location"] == url("incident", reports[0])
    body = client.get(url("incident", reports[0]), {"back": back}).content.decode()
    assert "Back to the list" not in body and "elsewhere" not in body


def test_the_page_of_a_report_leads_back_to_the_list_from_each_of_its_tabs(
    client: Client, reports: list[Incident]
) -> None:
    address = f"{reverse('queue')}?{LIST}"
    row = re.search(r'href="([^"]*)" data-row-link', client.get(address).content.decode())
    assert row and row[1] == f"{url('incident', reports[0])}?back={quote(address)}"
    link = f'href="{html.escape(address)}"'
    page = client.get(row[1]).content.decode()
    tab = re.search(r'href="([^"]*tab=comments[^"#]*)#tabs"', page)
    assert tab and link in page
    assert link in client.get(url("incident", reports[0]) + html.unescape(tab[1])).content.decode()
    assert "Back to the list" not in client.get(url("incident", reports[0])).content.decode()
