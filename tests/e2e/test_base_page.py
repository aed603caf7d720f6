"""What every page's script does, seen in a browser: shortcuts, theme, counter, polling; and pages without it."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from incidents.models import Incident, Setting
from incidents.roles import ANALYST, sync_roles
from tests.builders import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _roles() -> None:
    """A test that commits leaves an emptied database behind, groups included."""
    sync_roles()
    Setting.objects.create(key="filing_seconds", value=0)  # a driver types faster than anybody


@pytest.fixture
def context(chromium: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=live_server.url)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def sign_in(context: BrowserContext, role: str, url: str) -> None:
    client = Client()
    client.force_login(make_user(role=role))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def file_report(page: Page) -> None:
    page.goto("/file/")
    page.get_by_label("Title").fill("Call from a bank")
    page.get_by_label("What happened").fill("The money was gone a minute later.")
    page.get_by_role("button", name="File the report").click()
    page.wait_for_url("**/r/**")


def test_the_list_of_keys_holds_those_of_this_page(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("?")
    listed = page.locator("dialog[open] tbody tr")
    expect(listed.first).to_contain_text("File a report")
    assert [row.split("\t")[0] for row in listed.all_inner_texts()] == ["f", "g", "?"]
    page.keyboard.press("g")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.wait_for_url("**/guide/")


def test_keys_typed_into_a_field_are_text(page: Page) -> None:
    page.goto("/guide/")
    page.keyboard.press("/")
    search = page.get_by_label("Search the guide")
    expect(search).to_be_focused()
    page.keyboard.type("/?g")
    expect(search).to_have_value("/?g")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_keys_with_a_modifier_belong_to_the_browser(page: Page) -> None:
    page.goto("/")
    count_clicks(page, "g")
    for modifier in ("Control", "Alt", "Meta"):
        page.keyboard.press(f"{modifier}+g")
    assert page.evaluate("window.clicks") == 0


def test_a_key_that_is_held_down_counts_once(page: Page) -> None:
    page.goto("/")
    count_clicks(page, "g")
    for _ in range(4):
        page.keyboard.down("g")
    assert page.evaluate("window.clicks") == 1


def count_clicks(page: Page, key: str) -> None:
    page.evaluate(
        """key => {
            window.clicks = 0;
            document.querySelector(`[data-shortcut='${key}']`).addEventListener("click", event => {
                event.preventDefault();
                window.clicks += 1;
            });
        }""",
        key,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_until_one_is_chosen(
    chromium: Browser, live_server: LiveServer, scheme: str
) -> None:
    page = chromium.new_page(base_url=live_server.url, color_scheme=scheme)  # type: ignore[arg-type]
    root = page.locator("html")
    page.goto("/")
    expect(root).to_have_attribute("data-bs-theme", scheme)
    toggle = page.get_by_role("button", name="Theme")
    expect(toggle).to_have_attribute("title", "Theme: system")
    for chosen in ("light", "dark"):
        toggle.click()
        expect(root).to_have_attribute("data-bs-theme", chosen)
    page.reload()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    toggle.click()
    expect(root).to_have_attribute("data-bs-theme", scheme)
    page.close()


def test_the_counter_tells_how_many_characters_are_left(page: Page) -> None:
    page.goto("/file/")
    counter = page.locator("output[data-counts]")
    expect(counter).to_have_text("20,000 characters left")
    page.get_by_label("What happened").fill("😀 four")
    expect(counter).to_have_text("19,994 characters left")
    page.get_by_label("What happened").fill("a" * 20_002)
    expect(counter).to_have_text("2 characters too many")


def test_the_receipt_shows_the_category_by_itself_and_then_stops_asking(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/state/") else None)
    file_report(page)
    expect(page.locator("#state")).to_contain_text("Your report is saved")
    Incident.objects.update(status="classified", current_category="Financial fraud", current_model="v1")
    expect(page.locator("#state")).to_contain_text("Suggested: Financial fraud", timeout=5000)
    before = len(asked)
    page.wait_for_timeout(2500)
    assert len(asked) == before > 0


def test_the_menus_open_by_keyboard_on_a_phone(context: BrowserContext, live_server: LiveServer) -> None:
    sign_in(context, ANALYST, live_server.url)
    page = context.new_page()
    page.set_viewport_size({"width": 380, "height": 800})
    page.goto("/")
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Status")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()


def test_a_report_is_filed_and_followed_without_a_script(chromium: Browser, live_server: LiveServer) -> None:
    page = chromium.new_page(base_url=live_server.url, java_script_enabled=False)
    file_report(page)
    expect(page.locator("#state")).to_contain_text("Your report is saved")
    Incident.objects.update(status="classified", current_category="Financial fraud", current_model="v1")
    page.reload()
    expect(page.locator("#state")).to_contain_text("Suggested: Financial fraud")
    page.close()


def test_a_double_click_on_the_button_files_one_report(page: Page) -> None:
    page.goto("/file/")
    page.get_by_label("Title").fill("Call from a bank")
    page.get_by_label("What happened").fill("The money was gone a minute later.")
    page.get_by_role("button", name="File the report").dblclick()
    page.wait_for_url("**/r/**")
    assert Incident.objects.count() == 1
