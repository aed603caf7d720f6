"""Reviewing by keyboard alone, seen in a browser: what decides, and what must not."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from incidents.models import Incident, Label
from incidents.roles import ANALYST, sync_roles
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
UNSEEN_MS = 450  # longer than the page ignores keys that were meant for the report before


@pytest.fixture(autouse=True)
def reports() -> list[Incident]:
    """Four reports in the order of review; the model suggests "Fraud / Card" for each."""
    sync_roles()
    for category, sub_category in (("Fraud", "Card"), ("Fraud", "Wallet"), ("Ransomware", "")):
        make_path(category, sub_category)
    version = make_version(stage="champion")
    made = [make_incident(title=f"Report {number}", review_priority=1 - number / 10) for number in range(4)]
    for incident in made:
        make_prediction(incident, version, [0.6, 0.3, 0.1])
    return made


def signed_in(chromium: Browser, live_server: LiveServer, **options: object) -> BrowserContext:
    context = chromium.new_context(base_url=live_server.url, **options)  # type: ignore[arg-type]
    client = Client()
    client.force_login(make_user("asha", ANALYST))
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return context


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    context = signed_in(chromium, live_server)
    page = context.new_page()
    page.goto("/review/")
    yield page
    context.close()


def title(page: Page, text: str) -> None:
    expect(page.locator("#review h2").first).to_have_text(text)


def decided() -> list[tuple[str, str]]:
    return [(label.incident.title, label.verdict) for label in Label.objects.order_by("pk")]


def test_enter_confirms_and_the_next_report_is_there_with_its_own_address(page: Page, reports: list[Incident]) -> None:
    page.keyboard.press("Enter")
    title(page, "Report 1")
    assert page.url.endswith(f"/review/{reports[1].pk}/")
    expect(page.locator("#messages")).to_contain_text("confirmed")
    assert decided() == [("Report 0", "confirm")]


def test_a_number_changes_a_label_and_the_page_says_what_enter_would_do(page: Page) -> None:
    expect(page.locator("[data-outcome]")).to_contain_text("confirms the model")
    page.keyboard.press("2")
    expect(page.locator("[data-outcome]")).to_contain_text("corrects the model")
    expect(page.locator("[data-label]").nth(1)).to_contain_text("your choice")
    page.keyboard.press("Enter")
    title(page, "Report 1")
    assert decided() == [("Report 0", "correct")]
    assert Label.objects.get().paths.count() == 2


def test_a_second_enter_meant_for_the_last_report_decides_nothing(page: Page) -> None:
    page.keyboard.press("Enter")
    title(page, "Report 1")
    page.keyboard.press("Enter")
    page.wait_for_timeout(UNSEEN_MS)
    title(page, "Report 1")
    assert decided() == [("Report 0", "confirm")]
    page.keyboard.press("Enter")
    title(page, "Report 2")


def test_enter_in_the_search_takes_the_first_match_and_decides_nothing(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("ransom")
    shown = page.locator("[data-label]:visible")
    expect(shown).to_have_count(2)  # the match, and the chosen label that stays in sight
    page.keyboard.press("Enter")
    expect(page.locator("[data-label]:visible")).to_have_count(3)
    expect(page.get_by_role("checkbox", name="Ransomware")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Card")).to_be_checked()
    assert decided() == []
    page.keyboard.press("Enter")
    title(page, "Report 1")


def test_enter_in_a_search_without_a_match_does_nothing(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("zebra")
    expect(page.get_by_text("No label has these words.")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_timeout(UNSEEN_MS)
    title(page, "Report 0")
    assert decided() == []


def test_keys_typed_into_a_reason_are_words(page: Page, reports: list[Incident]) -> None:
    page.keyboard.press("s")
    page.keyboard.type("x1nu not enough")
    page.keyboard.press("Enter")
    title(page, "Report 1")
    assert decided() == []
    reports[0].refresh_from_db()
    assert reports[0].status == Incident.Status.SECOND_LOOK


def test_reject_unsure_and_undo_have_keys_of_their_own(page: Page) -> None:
    page.keyboard.press("x")
    title(page, "Report 1")
    page.wait_for_timeout(UNSEEN_MS)
    page.keyboard.press("n")
    page.keyboard.type("two crimes")
    page.keyboard.press("Enter")
    title(page, "Report 2")
    assert decided() == [("Report 0", "reject"), ("Report 1", "unsure")]
    page.wait_for_timeout(UNSEEN_MS)
    page.keyboard.press("u")
    title(page, "Report 1")
    assert [label.incident.title for label in Label.objects.standing()] == ["Report 0"]


def test_what_the_server_did_not_take_stays_on_the_page(page: Page) -> None:
    def broken(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=500)
        else:
            route.continue_()

    page.keyboard.press("2")
    page.route("**/review/*/", broken)
    page.keyboard.press("Enter")
    expect(page.locator("[data-trouble]")).to_contain_text("The server answered 500.")
    page.unroute("**/review/*/")
    page.keyboard.press("Enter")
    title(page, "Report 1")
    assert decided() == [("Report 0", "correct")]


def test_the_last_report_gives_way_to_a_friendly_end(page: Page) -> None:
    for following in ("Report 1", "Report 2", "Report 3"):
        page.keyboard.press("Enter")
        title(page, following)
        page.wait_for_timeout(UNSEEN_MS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing waits for review")).to_be_focused()


def test_everything_works_without_a_script(chromium: Browser, live_server: LiveServer) -> None:
    context = signed_in(chromium, live_server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/review/")
    page.get_by_role("checkbox", name="Wallet").check()
    page.get_by_role("button", name="Confirm").click()
    title(page, "Report 1")
    page.locator("summary", has_text="Skip").click()
    page.get_by_label("Why do you skip it?").fill("not enough")
    page.get_by_label("Why do you skip it?").press("Enter")
    title(page, "Report 2")
    page.get_by_role("button", name="Undo").click()
    title(page, "Report 1")
    assert decided() == [("Report 0", "correct")]
    context.close()
