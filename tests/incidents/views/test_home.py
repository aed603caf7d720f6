"""The first page, by role."""

import pytest
from django.test import Client

from incidents.models import Setting
from incidents.roles import ADMIN, ANALYST
from tests.builders import make_incident, make_label, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db


def test_anybody_may_file_while_the_admin_allows_it(client: Client) -> None:
    assert 'href="/file/"' in client.get("/").content.decode()


def test_without_an_account_the_way_leads_to_the_sign_in_when_filing_needs_one(client: Client) -> None:
    Setting.objects.create(key="anonymous_filing", value=False)
    page = client.get("/").content.decode()
    assert "Sign in to file a report" in page


def test_sign_up_is_offered_only_while_it_is_open(client: Client) -> None:
    assert "/accounts/signup/" in client.get("/").content.decode()
    Setting.objects.create(key="open_sign_up", value=False)
    assert "/accounts/signup/" not in client.get("/").content.decode()


def test_a_reporter_sees_the_count_of_own_reports_and_no_queue(client: Client) -> None:
    reporter = make_user()
    make_incident(reporter=reporter, status="decided")
    make_incident(reporter=reporter)
    make_incident()
    client.force_login(reporter)
    response = client.get("/")
    assert (response.context["mine"].filed, response.context["mine"].decided) == (2, 1)
    assert "review" not in response.context
    assert "/review/" not in response.content.decode()


def test_an_analyst_sees_what_waits_and_what_serves(client: Client) -> None:
    analyst = make_user(role=ANALYST)
    make_path()
    champion = make_version(stage="champion", name="classify-of-today")
    make_prediction(make_incident(), champion, chances=[0.6])
    make_incident(status="second_look")
    make_incident()
    make_label(make_incident(status="rejected"), analyst, verdict="reject")
    client.force_login(analyst)
    response = client.get("/")
    review = response.context["review"]
    assert (review.waiting, review.second_look, review.unclassified, review.decided_today) == (1, 1, 1, 1)
    page = response.content.decode()
    assert "classify-of-today" in page
    assert "/settings/" not in page


def test_an_admin_finds_the_settings_and_the_data(client: Client) -> None:
    client.force_login(make_user(role=ADMIN))
    page = client.get("/").content.decode()
    assert 'href="/settings/"' in page
    assert 'href="/profile/"' in page
