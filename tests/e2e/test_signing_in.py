"""Signing in by a real OpenID Connect provider, tying it to an account, and leaving for good: in a real Chromium."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from incidents.models import User
from tests.builders import PASSWORD, make_user
from tests.e2e.site_world import make_people
from tests.e2e.test_second_factor import sign_out
from tests.security.conftest import Become, provider  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ASHA = {"email": "asha@example.org", "email_verified": True, "name": "Asha Rao", "preferred_username": "asha"}


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """It must not complain of anything: the content policy is asked about the way to the provider, too."""
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 390, "height": 900})
    page, troubles = context.new_page(), []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield page
    context.close()
    assert troubles == []


def sign_in(page: Page, name: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page).to_have_url(re.compile(r":\d+/(tour/)?$"))


def open_menu(page: Page, name: str) -> None:
    page.goto("/preferences/")
    page.get_by_role("button", name=name, exact=True).click()


def test_the_button_leads_to_the_provider_and_back_inside(provider: Become, page: Page) -> None:  # noqa: F811
    make_people()
    provider(**ASHA)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with Example ID").click()
    expect(page).to_have_url(re.compile(r"localhost:\d+/(tour/)?$"))
    open_menu(page, "asha")
    expect(page.get_by_role("navigation", name="Account")).to_contain_text("Signed in as asha")
    assert User.objects.get(username="asha").email == ASHA["email"]


def test_the_menu_leads_to_where_a_provider_is_tied_to_an_account(provider: Become, page: Page) -> None:  # noqa: F811
    make_people()
    make_user("bo")
    provider(**ASHA)
    sign_in(page, "bo")
    open_menu(page, "bo")
    page.get_by_role("link", name="Account Connections").click()
    page.get_by_role("link", name="Example ID").click()
    page.locator("#main").get_by_role("button", name="Continue").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)  # asked for again before an account is changed
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Account Connections")).to_be_visible()
    expect(page.locator("#main")).to_contain_text("Example ID")
    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with Example ID").click()
    expect(page).to_have_url(re.compile(r"localhost:\d+/(tour/)?$"))
    assert not User.objects.filter(username="asha").exists()


def test_after_signing_out_the_way_back_shows_nothing(page: Page) -> None:
    make_people()
    sign_in(page, "analyst")
    page.goto("/queue/")
    expect(page.get_by_role("heading", name="Reports", level=1)).to_be_visible()
    sign_out(page)
    page.go_back()  # to where signing out was asked for
    page.go_back()
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next=/queue/"))
