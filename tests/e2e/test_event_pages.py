"""The chart of scores and the live list, seen in a browser, with a script and without one."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from events.models import EventSource, SourceMinute
from incidents.roles import ANALYST, sync_roles
from tests.builders import make_user
from tests.events.builders import make_detection, make_entity, make_events, make_source

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]
SLOW = 20_000  # ms; how long it takes is measured elsewhere, here it only has to happen


@pytest.fixture
def source() -> EventSource:
    """A source with an hour of scores, a detection, and three events."""
    sync_roles()
    source, now = make_source("web"), timezone.now().replace(second=0, microsecond=0)
    for ago in range(1, 60):
        SourceMinute.objects.create(
            source=source, minute=now - timedelta(minutes=ago), received=60, scored=40, score_sum=16.0, score_max=0.6,
            threshold=0.65,
        )  # fmt: skip
    make_detection(make_entity(source, "asha"), "unusual bytes", created_at=now - timedelta(minutes=5))
    make_events(source, np.zeros((3, 1)), ["bytes"], fields={"message": "Signed in"}, decision="ordinary")
    return source


@pytest.fixture
def troubles() -> list[str]:
    return []


@pytest.fixture
def opened(chromium: Browser, live_server: LiveServer, source: EventSource, troubles: list[str]) -> Iterator[Open]:
    """Opens an address as an analyst; `troubles` collects what the page complained about."""
    contexts: list[BrowserContext] = []
    client = Client()
    client.force_login(make_user(role=ANALYST))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            troubles.append(message.text)

    def go(address: str, **options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(address)
        return page

    yield go
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_scores_and_rates_are_drawn_and_their_last_values_said(
    opened: Open, source: EventSource, troubles: list[str], scheme: str
) -> None:
    page = opened(f"/events/sources/{source.pk}/?hours=1", color_scheme=scheme)
    expect(page.locator(".chart canvas")).to_have_count(2, timeout=SLOW)
    expect(page.locator(".u-legend").first).to_contain_text("Threshold (dashed)")
    expect(page.locator(".u-legend").first).to_contain_text("0.650")
    page.get_by_role("button", name="Theme").click()
    expect(page.locator(".chart canvas")).to_have_count(2, timeout=SLOW)
    assert troubles == []


def test_without_a_script_the_table_says_the_same(opened: Open, source: EventSource) -> None:
    page = opened(f"/events/sources/{source.pk}/?hours=1", java_script_enabled=False)
    expect(page.locator(".chart")).to_be_hidden()
    page.locator("#scores summary").click()
    rows = page.get_by_role("region", name="Scores and lines as a table").locator("tbody tr")
    expect(rows.nth(1)).to_contain_text("0.650")


def test_the_live_list_goes_on_by_itself_and_stands_still_when_paused(
    opened: Open, source: EventSource, troubles: list[str]
) -> None:
    page = opened("/events/live/")
    note = page.locator("[data-live-note]")
    make_events(source, np.zeros((40, 1)), ["bytes"], decision="ordinary")
    expect(note).to_contain_text("Showing 30 of 40", timeout=SLOW)
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Go on")).to_have_attribute("aria-pressed", "true")
    still = note.inner_text()
    make_events(source, np.zeros((2, 1)), ["bytes"], decision="ordinary")
    page.wait_for_timeout(2600)
    assert note.inner_text() == still
    page.keyboard.press("p")
    expect(note).not_to_have_text(still, timeout=SLOW)
    assert troubles == []


def test_a_row_reached_by_keyboard_stays_where_it_is(opened: Open, source: EventSource) -> None:
    page = opened("/events/live/")
    page.locator(".event-words a").first.focus()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()


def test_without_a_script_the_live_list_is_reloaded_by_a_link(opened: Open, source: EventSource) -> None:
    page = opened("/events/live/?source=web", java_script_enabled=False)
    make_events(source, np.zeros((1, 1)), ["bytes"], fields={"message": "Came later"}, decision="ordinary")
    page.get_by_role("link", name="Reload").click()
    expect(page.locator(".event-words").first).to_contain_text("Came later")
    assert "source=web" in page.url
