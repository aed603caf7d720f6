"""A browser on the review page, for the tests of it."""

import time

from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from incidents.models import Label, User
from incidents.roles import ANALYST
from tests.builders import make_user

UNSEEN_MS = 350  # longer than the page ignores keys that were meant for the report before
START_MS = 90_000  # the first page of a server loads what all need
_under_way: dict[BrowserContext, set[Request]] = {}


def open_browser(
    chromium: Browser, live_server: LiveServer, user: User | None = None, **options: object
) -> BrowserContext:
    """Signed in as an analyst."""
    context = chromium.new_context(base_url=live_server.url, **options)  # type: ignore[arg-type]
    context.set_default_navigation_timeout(START_MS)
    client = Client()
    client.force_login(user or make_user(role=ANALYST))
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    requests = _under_way[context] = set()
    context.on("request", lambda request: requests.add(request))
    context.on("requestfinished", lambda request: requests.discard(request))
    context.on("requestfailed", lambda request: requests.discard(request))
    return context


def settle(page: Page) -> None:
    """Wait until the server has answered everything: nothing is under way, the next report is ready."""
    deadline = time.monotonic() + 30
    page.wait_for_timeout(50)
    while _under_way[page.context] and time.monotonic() < deadline:
        page.wait_for_timeout(50)


def close(context: BrowserContext) -> None:
    """What the server is still busy with must not outlive the test's settings."""
    for page in context.pages:
        settle(page)
    context.close()
    del _under_way[context]


def shows(page: Page, title: str) -> None:
    """The report of this title is on the page and held, and takes keys."""
    expect(page.locator("#review h2").first).to_have_text(title)
    expect(page.locator("[data-recording]")).to_be_hidden()
    settle(page)
    page.wait_for_timeout(UNSEEN_MS)


def decided() -> list[tuple[str, str]]:
    return [(label.incident.title, label.verdict) for label in Label.objects.order_by("pk")]
