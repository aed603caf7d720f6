"""A person's own reports."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.roles import ANALYST
from tests.builders import make_decided, make_incident, make_path, make_user

pytestmark = pytest.mark.django_db


def test_the_list_needs_an_account(client: Client) -> None:
    assert client.get("/mine/").headers["Location"] == "/accounts/login/?next=/mine/"


@pytest.mark.parametrize("role", ["reporter", ANALYST])
def test_only_own_reports_stand_in_the_list_newest_first(client: Client, role: str) -> None:
    user = make_user(role=role)
    first, second = make_incident(reporter=user), make_incident(reporter=user)
    make_incident(reporter=make_user())
    make_incident()
    client.force_login(user)
    assert list(client.get("/mine/").context["page"]) == [second, first]


def test_a_decided_report_shows_what_a_person_chose(client: Client) -> None:
    user = make_user()
    make_decided(make_path("Financial fraud"), reporter=user, current_category="Hacking")
    client.force_login(user)
    page = client.get("/mine/").content.decode()
    assert "Financial fraud" in page
    assert "Hacking" not in page


def test_a_rejected_report_shows_no_suggestion(client: Client) -> None:
    user = make_user()
    make_incident(reporter=user, status="rejected", current_category="Hacking")
    client.force_login(user)
    assert "Hacking" not in client.get("/mine/").content.decode()


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    client.force_login(make_user())
    assert "You have filed no report yet" in client.get("/mine/").content.decode()


def test_a_long_list_comes_in_pages(client: Client) -> None:
    user = make_user()
    for _ in range(21):
        make_incident(reporter=user)
    client.force_login(user)
    first = client.get("/mine/")
    assert len(first.context["page"]) == 20
    assert "?page=2" in first.content.decode()
    assert len(client.get("/mine/?page=2").context["page"]) == 1


def test_the_number_of_queries_does_not_grow_with_the_list(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    counts = []
    for _ in range(3):
        for name in ("Financial fraud", "Hacking"):
            make_decided(make_path(name, "Card fraud"), reporter=user)
        client.get("/mine/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/mine/")
        counts.append(len(queries))
    assert counts == [counts[0]] * 3
