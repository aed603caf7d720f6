"""Every page of a site full of hostile texts, in a real browser: nothing of them runs, nothing had to be blocked."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from incidents.models import User
from tests.builders import PASSWORD
from tests.e2e.site_pages import PAGES
from tests.e2e.site_world import make_people
from tests.security.hostile_world import ELEMENT, make_hostile_world
from tests.security.test_markup import address_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WATCH = """
    window.blocked = [];
    document.addEventListener("securitypolicyviolation", (event) =>
        window.blocked.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
FOUND = f"""() => [
    ...window.blocked.map((one) => `the content policy had to block ${{one}}`),
    ...(window.hit === undefined ? [] : [`the script of column ${{window.hit}} ran`]),
    ...[...document.querySelectorAll("{ELEMENT}")].map((one) => `the element of column ${{one.getAttribute("f")}}`),
    ...[...document.querySelectorAll("a[href^='javascript:' i]")].map((one) => `a link to ${{one.href}}`),
]"""


def test_no_text_runs_as_a_script_in_a_browser(chromium: Browser, live_server: LiveServer, caseloop_home) -> None:
    people = make_people()
    world = make_hostile_world(people)
    troubles = []
    for role in sorted({roles[-1] for roles in PAGES.values()}):
        page = _page(chromium, live_server, people.get(role))
        for name in [name for name, roles in PAGES.items() if roles[-1] == role]:
            troubles += [f"{role or 'anybody'} at {name}: {told}" for told in _look(page, address_of(name, world))]
        page.context.close()
    assert troubles == []


def _page(chromium: Browser, live_server: LiveServer, user: User | None) -> Page:
    context = chromium.new_context(base_url=live_server.url)
    context.add_init_script(WATCH)
    if user:
        user.refresh_from_db()
        client = Client()
        client.force_login(user, backend="incidents.sign_in.RoleBackend")
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})  # as pages of second factors ask for
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return context.new_page()


def _look(page: Page, address: str) -> Iterator[str]:
    answer = page.goto(address, wait_until="load")
    assert answer and answer.status == 200, (address, answer and answer.status)
    page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    yield from page.evaluate(FOUND)
