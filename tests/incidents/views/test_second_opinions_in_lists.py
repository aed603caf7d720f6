"""Whoever starts the review from the list is served second opinions as well, where the list is all that waits."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Category, Incident, Setting, User
from incidents.services import reviewing
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db
LABELS = ("Card", "Wallet")


@pytest.fixture
def incident() -> Incident:
    """Decided by somebody else, and drawn for a second opinion."""
    Setting.objects.create(key="second_opinion_share", value=1.0)
    paths = [make_path("Fraud", name) for name in LABELS]
    report, first = make_incident(), make_user(role="analyst")
    make_prediction(report, make_version(stage="champion"), [0.7, 0.3])
    reviewing.claim(report, first)
    reviewing.decide(report, reviewer=first, verdict="confirm", paths=paths[:1])
    return report


@pytest.fixture(autouse=True)
def _analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


def test_the_button_of_the_list_serves_them(client: Client, incident: Incident) -> None:
    button = re.search(r'href="(/review/\?[^"]*)"', client.get(reverse("queue")).content.decode())
    assert button
    address = button[1].replace("&amp;", "&")
    assert client.get(address)["location"].startswith(reverse("review-report", args=[incident.pk]))


@pytest.mark.parametrize(
    ("query", "served"),
    [
        ("status=waiting&order=oldest", True),
        ("order=chance&unfold=on&page=2", True),
        ("status=waiting&category=Fraud", False),
        ("status=waiting&assignee=nobody", False),
        ("status=second_look", False),
        ("status=all", False),
    ],
)
def test_they_come_in_all_that_waits_and_in_no_narrower_list(
    client: Client, incident: Incident, query: str, served: bool
) -> None:
    assert Category.objects.filter(name="Fraud").exists()
    ahead = client.get(f"{reverse('review-ahead')}?{query}&after=1234567")
    assert ahead.status_code == (200 if served else 204)
    assert client.get(f"{reverse('review')}?{query}").status_code == (302 if served else 200)


def test_one_comes_after_a_decision_in_that_list(client: Client, incident: Incident) -> None:
    before = make_incident(status=Incident.Status.CLASSIFIED)
    address = reverse("review-report", args=[before.pk]) + "?status=waiting&order=oldest"
    reviewing.claim(before, User.objects.get(username="asha"))
    form = {"verdict": "reject", "revision": before.current_text_id}
    assert client.post(address, form)["location"].startswith(reverse("review-report", args=[incident.pk]))
