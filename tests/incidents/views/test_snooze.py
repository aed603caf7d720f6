"""Setting reports aside from a page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.models import Incident, User
from incidents.services import reviewing
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def report() -> Incident:
    return make_incident(status=Incident.Status.CLASSIFIED, current_model="m")


def url(report: Incident, name: str = "incident-snooze") -> str:
    return reverse(name, args=[report.pk])


def test_only_analysts_set_reports_aside(client: Client, report: Incident) -> None:
    client.force_login(make_user())
    assert client.post(url(report), {"for_answer": "on"}).status_code == 403
    assert client.post(url(report, "incident-wake")).status_code == 403


def test_a_day_is_the_beginning_of_it_and_the_list_comes_back(client: Client, analyst: User, report: Incident) -> None:
    day = timezone.localdate() + timedelta(days=3)
    response = client.post(url(report), {"until": str(day), "back": "/queue/?source=web"})
    assert response.url == "/queue/?source=web"
    report.refresh_from_db()
    assert report.status == Incident.Status.WAITING_REPORTER
    assert timezone.localtime(report.wakes_at).date() == day
    assert timezone.localtime(report.wakes_at).hour == 0


def test_it_is_woken_by_hand(client: Client, analyst: User, report: Incident) -> None:
    client.post(url(report), {"for_answer": "on"})
    response = client.post(url(report, "incident-wake"), {"back": "https://elsewhere.example/"})
    assert response.url == reverse("incident", args=[report.pk])
    report.refresh_from_db()
    assert report.status == Incident.Status.CLASSIFIED


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a day, or until the reporter answers, or both"),
        ({"until": "nonsense"}, "Write the date as 2026-12-31"),
        ({"until": "2020-01-01"}, "Choose a day after today"),
        ({"until": "9999-01-01"}, "Choose a day within a year"),
    ],
)
def test_what_is_no_end_is_told(
    client: Client, analyst: User, report: Incident, sent: dict[str, str], said: str
) -> None:
    assert said in client.post(url(report), sent).content.decode()
    report.refresh_from_db()
    assert report.status == Incident.Status.CLASSIFIED


def test_a_report_that_another_holds_stays_with_them(client: Client, analyst: User, report: Incident) -> None:
    assert reviewing.claim(report, make_user("bela", role="analyst"))
    response = client.post(url(report), {"for_answer": "on"})
    assert "Somebody else holds this report" in response.content.decode()
    report.refresh_from_db()
    assert report.status == Incident.Status.IN_REVIEW


def test_a_page_asks_until_when(client: Client, analyst: User, report: Incident) -> None:
    assert "Until the reporter answers" in client.get(url(report)).content.decode()
    client.post(url(report), {"for_answer": "on"})
    assert "Wake now" in client.get(url(report)).content.decode()
    Incident.objects.update(status=Incident.Status.DECIDED)
    assert "waits for nothing" in client.get(url(report)).content.decode()
