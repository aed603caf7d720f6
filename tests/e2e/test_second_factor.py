"""A real Chromium with a security key of its own: set up, sign out, sign in with it, with and without a password."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from incidents.models import User
from tests.builders import PASSWORD
from tests.e2e.site_world import make_people
from tests.security.totp import code_now

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SET_UP = re.compile(r"/accounts/second-factor/$")
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def admin(settings: Settings) -> User:
    settings.MFA_FOR_ADMINS = True
    return make_people()["admin"]


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """With a key plugged in; it must not complain of anything, the content policy included."""
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 390, "height": 900})
    page, troubles = context.new_page(), []
    page.on("console", lambda message: troubles.append(f"{page.url}: {message.text}") if _grave(message) else None)
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    keys = context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    yield page
    context.close()
    assert troubles == []


def _grave(message) -> bool:
    return message.type == "error" or "Content Security Policy" in message.text


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("#main").get_by_role("button", name="Sign Out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def add_key(page: Page, *, passwordless: bool) -> None:
    page.goto("/accounts/second-factor/webauthn/add/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("Desk key")
    if passwordless:
        page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery Codes")).to_be_visible()


def test_an_admin_sets_up_a_key_before_anything_else_and_signs_in_with_it(admin: User, page: Page) -> None:
    sign_in(page)
    expect(page).to_have_url(SET_UP)
    expect(page.get_by_role("alert")).to_contain_text("Admins need a second factor here")
    for closed in ("/queue/", "/admin/", "/settings/"):
        page.goto(closed)
        expect(page).to_have_url(SET_UP)
    add_key(page, passwordless=False)
    page.goto("/settings/")
    expect(page.get_by_role("heading", name="Settings").first).to_be_visible()

    sign_out(page)
    sign_in(page)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    page.goto("/settings/")
    expect(page).to_have_url(re.compile("/authenticate/"))  # the password alone is no sign-in
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(re.compile(r"localhost:\d+/$"))


def test_a_passkey_signs_in_without_a_password(admin: User, page: Page) -> None:
    sign_in(page)
    add_key(page, passwordless=True)
    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile(r"localhost:\d+/$"))
    page.goto("/settings/")
    expect(page.get_by_role("heading", name="Settings").first).to_be_visible()


def test_a_key_that_does_not_answer_is_said_on_the_page(admin: User, page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()  # none is on this key
    expect(page.get_by_role("alert")).to_contain_text("The key did not answer")


def test_an_app_is_set_up_by_the_secret_that_the_page_shows(admin: User, page: Page) -> None:
    sign_in(page)
    page.goto("/accounts/second-factor/totp/activate/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    secret = page.get_by_label("Authenticator secret").input_value()
    page.get_by_label("Authenticator code").fill(code_now(secret))
    page.get_by_role("button", name="Activate").click()
    codes = page.get_by_label("Unused codes").input_value().split()
    assert len(codes) == 10
    sign_out(page)
    sign_in(page)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).last.click()
    page.wait_for_url(re.compile(r"localhost:\d+/$"))
