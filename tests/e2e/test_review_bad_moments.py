"""What can go wrong while somebody reviews, seen in a browser: nothing is decided unseen or twice, nothing is lost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from incidents.models import Incident, Label, Path
from incidents.roles import ANALYST, sync_roles
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version
from tests.e2e.review_browser import UNSEEN_MS, close, decided, open_browser, settle, shows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    context = open_browser(chromium, live_server)
    page = context.new_page()
    page.goto("/review/")
    settle(page)
    yield page
    close(context)


def take(incident: Incident, name: str) -> None:
    """Somebody else holds the report now."""
    until = timezone.now() + timedelta(minutes=5)
    Incident.objects.filter(pk=incident.pk).update(
        status="in_review", claimed_by=make_user(name, ANALYST), claim_expires_at=until
    )


def broken(route: Route) -> None:
    """A connection that is lost while something is sent."""
    if route.request.method == "POST":
        route.abort()
    else:
        route.continue_()


def test_the_next_report_stands_there_before_the_server_has_answered(page: Page) -> None:
    def slow(route: Route) -> None:
        if route.request.method == "POST":
            page.wait_for_timeout(1500)
        route.continue_()

    page.route("**/review/*/", slow)
    page.keyboard.press("Enter")
    expect(page.locator("#review h2").first).to_have_text("Report 1", timeout=1000)
    assert decided() == []
    shows(page, "Report 1")
    assert decided() == [("Report 0", "confirm")]
    assert Incident.objects.get(current_text__title="Report 1").status == "in_review"


def test_somebody_who_takes_the_prepared_report_leaves_another_one(page: Page, reports: list[Incident]) -> None:
    take(reports[1], "bela")
    page.keyboard.press("Enter")
    shows(page, "Report 2")
    expect(page.locator("#messages")).to_contain_text(f"Report #{reports[1].pk} was taken or changed meanwhile")
    assert decided() == [("Report 0", "confirm")]


def test_two_people_never_decide_the_same_report(chromium: Browser, live_server: LiveServer, page: Page) -> None:
    other = open_browser(chromium, live_server)
    second = other.new_page()
    second.goto("/review/")
    shows(second, "Report 1")
    for one in (page, second, page, second):
        settle(one)
        one.wait_for_timeout(UNSEEN_MS)
        one.keyboard.press("Enter")
    for one in (page, second):
        expect(one.get_by_role("heading", name="Nothing waits for review")).to_be_visible()
    close(other)
    assert sorted(decided()) == [(f"Report {number}", "confirm") for number in range(4)]


def test_a_double_click_decides_once(page: Page) -> None:
    page.get_by_role("button", name="Confirm").dblclick()
    shows(page, "Report 1")
    assert decided() == [("Report 0", "confirm")]


def test_a_lost_connection_loses_neither_choice_nor_words_and_sends_again(page: Page) -> None:
    page.keyboard.press("2")
    page.keyboard.press("s")
    page.keyboard.type("half a reason")
    page.keyboard.press("Escape")
    page.route("**/review/*/", broken)
    page.get_by_role("button", name="Correct").click()
    expect(page.locator("[data-trouble]")).to_contain_text("The server cannot be reached.")
    shows(page, "Report 0")
    expect(page.get_by_role("checkbox", name="Wallet")).to_be_checked()
    assert page.locator("#reason-skip").input_value() == "half a reason"
    page.unroute("**/review/*/")
    page.get_by_role("button", name="Send again").click()
    shows(page, "Report 1")
    assert decided() == [("Report 0", "correct")]


def test_an_answer_that_was_lost_on_its_way_decides_nothing_twice(page: Page) -> None:
    def swallowed(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/review/*/", swallowed)
    page.keyboard.press("Enter")
    expect(page.locator("[data-trouble]")).to_be_visible()
    page.unroute("**/review/*/")
    page.wait_for_timeout(UNSEEN_MS)
    page.keyboard.press("r")
    shows(page, "Report 1")
    assert decided() == [("Report 0", "confirm")]


def test_what_was_chosen_and_typed_survives_a_reload(page: Page) -> None:
    page.keyboard.press("2")
    page.keyboard.press("n")
    page.keyboard.type("two crimes")
    page.reload()
    expect(page.get_by_role("checkbox", name="Wallet")).to_be_checked()
    assert page.locator("#reason-unsure").input_value() == "two crimes"


def test_the_back_button_shows_what_became_of_the_report_and_decides_nothing(page: Page) -> None:
    page.keyboard.press("Enter")
    shows(page, "Report 1")
    page.go_back()
    expect(page.get_by_role("heading", name="is decided")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_timeout(UNSEEN_MS)
    assert decided() == [("Report 0", "confirm")]
    page.go_forward()
    shows(page, "Report 1")


def test_a_claim_that_expired_still_takes_the_decision_if_nobody_came(page: Page, reports: list[Incident]) -> None:
    Incident.objects.filter(pk=reports[0].pk).update(status="classified", claimed_by=None, claim_expires_at=None)
    page.keyboard.press("Enter")
    shows(page, "Report 1")
    assert decided() == [("Report 0", "confirm")]


def test_a_claim_that_went_to_somebody_else_says_who_and_keeps_the_choice(page: Page, reports: list[Incident]) -> None:
    page.keyboard.press("2")
    take(reports[0], "bela")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("bela has taken this report meanwhile")
    expect(page.get_by_role("checkbox", name="Wallet")).to_be_checked()
    assert decided() == []


def test_a_label_that_was_retired_meanwhile_is_refused_in_a_sentence(page: Page) -> None:
    page.keyboard.press("2")
    Path.objects.filter(key="Fraud / Wallet").delete()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("was retired while the page was open")
    expect(page.get_by_role("checkbox", name="Card")).to_be_checked()
    assert not Label.objects.exists()


def test_a_long_right_to_left_report_with_markup_is_shown_as_its_text(
    page: Page, reports: list[Incident], live_server: LiveServer
) -> None:
    words = "<b>سرقوا بطاقتي</b> <script>document.title = 'taken'</script> "
    text = (words * 400)[:20_000]
    reports[0].current_text.text = text
    reports[0].current_text.save()
    reports[1].current_text.text = "سرقوا بطاقتي"
    reports[1].current_text.save()
    page.reload()
    body = page.locator(".report-text")
    assert body.inner_text().strip() == text.strip()
    assert (
        body.evaluate("element => getComputedStyle(element).direction") == "ltr"
    )  # it begins with "<b>", a Latin letter
    settle(page)
    page.keyboard.press("Enter")
    shows(page, "Report 1")
    assert page.locator(".report-text").evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert page.title() != "taken"
    assert page.locator("[data-confirm-button]").bounding_box()["y"] < 900
