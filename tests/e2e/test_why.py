"""Words that are marked while somebody reviews, seen in a browser."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from classifier.models import Explanation
from incidents.models import Incident, Label
from incidents.roles import ANALYST, sync_roles
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def incident() -> Incident:
    sync_roles()
    make_path("Fraud", "Card")
    make_path("Hacking")
    incident = make_incident(title="", text="They took my card.")
    make_prediction(incident, make_version(stage="champion"), [0.6, 0.4])
    return incident


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer, incident: Incident) -> Iterator[Page]:
    context = chromium.new_context(base_url=live_server.url)
    client = Client()
    client.force_login(make_user(role=ANALYST))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    context.add_cookies([cookie])
    yield context.new_page()
    context.close()


def test_the_marks_come_by_themselves_and_hold_up_no_decision(page: Page, incident: Incident) -> None:
    page.goto(f"/review/{incident.pk}/")
    expect(page.get_by_text("Looking for the words")).to_be_visible()
    asked = page.locator("section.why[hx-trigger]")
    expect(asked).to_have_count(1)
    Explanation.objects.update(words=[[13, 18, 2.0, 0.0]])  # what a worker does
    mark = page.locator(".report-text mark")
    expect(mark).to_have_text("card.")
    expect(asked).to_have_count(0)
    assert page.locator(".report-text").inner_text() == "They took my card."
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/")
    assert Label.objects.get().incident == incident
