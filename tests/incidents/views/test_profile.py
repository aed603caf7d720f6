"""The page of the data profile."""

import pytest
from django.test import Client

from incidents.roles import ADMIN, ANALYST, LEAD, REPORTER
from tests.builders import make_incident, make_label, make_path, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [REPORTER, ANALYST])
def test_reporters_and_analysts_may_not_see_it(client: Client, role: str) -> None:
    client.force_login(make_user(role=role))
    assert client.get("/profile/").status_code == 403


def test_it_needs_an_account(client: Client) -> None:
    assert client.get("/profile/").headers["Location"] == "/accounts/login/?next=/profile/"


@pytest.mark.parametrize("role", [LEAD, ADMIN])
def test_it_shows_the_figures_of_the_database(client: Client, role: str) -> None:
    incident = make_incident(text="A card was used abroad.", status="decided")
    incident.current_label = make_label(incident, paths=[make_path("Financial fraud", "Card fraud")])
    incident.save()
    make_incident(text="A card was used abroad.")
    client.force_login(make_user(role=role))
    response = client.get("/profile/")
    profile = response.context["profile"]
    assert (profile.rows, profile.labelled, profile.duplicates) == (2, 1, 1)
    assert "Card fraud" in response.content.decode()


def test_without_reports_it_says_what_to_do(client: Client) -> None:
    client.force_login(make_user(role=LEAD))
    assert "There are no reports yet" in client.get("/profile/").content.decode()
