"""What the person before said when passing a report on stands on the review page."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.models import Incident, Path, Setting, User
from incidents.services import reviewing, undoing
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def other() -> User:
    return make_user("bela", role="analyst")


@pytest.fixture
def path() -> Path:
    return make_path("Fraud", "Card")


@pytest.fixture
def incident(path: Path) -> Incident:
    report = make_incident()
    make_prediction(report, make_version(stage="champion"))
    return report


def body(client: Client, incident: Incident) -> str:
    return client.get(reverse("review-report", args=[incident.pk])).content.decode()


def skip(incident: Incident, user: User, reason: str) -> None:
    reviewing.claim(incident, user)
    reviewing.skip(incident, reviewer=user, reason=reason)


def unsure(incident: Incident, user: User, reason: str) -> None:
    reviewing.claim(incident, user)
    reviewing.decide(incident, reviewer=user, verdict="unsure", paths=[], reason=reason)


def test_all_who_passed_it_on_are_named_with_their_reasons(client: Client, other: User, incident: Incident) -> None:
    unsure(incident, other, "Which <b>bank</b>?")
    skip(incident, make_user("chen", role="analyst"), "In a language that I do not read.")
    page = body(client, incident)
    assert "bela was unsure about this report" in page and "Which &lt;b&gt;bank&lt;/b&gt;?" in page
    assert "chen skipped this report" in page and "In a language that I do not read." in page
    assert page.index("chen skipped") < page.index("bela was unsure")
    assert "chen skipped" in body(client, incident), "also once the person holds it"


def test_a_skip_that_was_undone_and_one_before_a_decision_are_over(
    client: Client, other: User, incident: Incident, path: Path
) -> None:
    skip(incident, other, "Pressed by mistake.")
    undoing.undo(other)
    skip(incident, other, "Too long.")
    assert "Too long." in (page := body(client, incident)) and "Pressed by mistake." not in page
    reviewing.decide(incident, reviewer=User.objects.get(username="asha"), verdict="confirm", paths=[path])
    client.post(reverse("review-claim", args=[incident.pk]))
    assert "Too long." not in body(client, incident)


def test_an_ordinary_report_asks_nothing_more_of_the_database(client: Client, other: User, incident: Incident) -> None:
    body(client, incident)
    with CaptureQueriesContext(
        connection,
    ) as ordinary:
        body(client, incident)
    reviewing.release(incident, User.objects.get(username="asha"))
    for number in range(3):
        skip(incident, other, f"reason {number}")
    body(client, incident)
    with CaptureQueriesContext(connection) as passed_on:
        body(client, incident)
    assert len(passed_on) <= len(ordinary) + 1


def test_a_second_opinion_is_not_told_of_them(
    client: Client, analyst: User, other: User, incident: Incident, path: Path
) -> None:
    skip(incident, make_user(role="analyst"), "Too long.")
    Setting.objects.create(key="second_opinion_share", value=1.0)
    reviewing.claim(incident, other)
    reviewing.decide(incident, reviewer=other, verdict="confirm", paths=[path])
    ahead = client.get(reverse("review-ahead"), {"after": "1234567"}).content.decode()
    assert f'data-report="{incident.pk}"' in ahead and "Too long." not in ahead
    assert reviewing.next_report(analyst) == incident
    page = body(client, incident)
    assert "Your decision" in page and "Too long." not in page
