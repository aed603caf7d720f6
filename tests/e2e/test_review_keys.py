"""Reviewing by keyboard alone, seen in a browser: what decides, and what must not."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from incidents.models import Incident, Label
from incidents.roles import sync_roles
from tests.builders import make_incident, make_path, make_prediction, make_version
from tests.e2e.review_browser import UNSEEN_MS, close, decided, open_browser, settle, shows

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# In one go: two presses of the driver may lie further apart on a busy machine.
TWICE = """for (const place of [1, 2])
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }))"""


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


def test_enter_confirms_and_the_next_report_is_there_with_its_own_address(page: Page, reports: list[Incident]) -> None:
    page.keyboard.press("Enter")
    shows(page, "Report 1")
    assert page.url.endswith(f"/review/{reports[1].pk}/")
    expect(page.locator("#messages")).to_contain_text("confirmed")
    assert decided() == [("Report 0", "confirm")]


def test_a_number_changes_a_label_and_the_page_says_what_enter_would_do(page: Page) -> None:
    expect(page.locator("[data-outcome]")).to_contain_text("confirms the model")
    page.keyboard.press("2")
    expect(page.locator("[data-outcome]")).to_contain_text("corrects the model")
    expect(page.locator("[data-label]").nth(1)).to_contain_text("your choice")
    page.keyboard.press("Enter")
    shows(page, "Report 1")
    assert decided() == [("Report 0", "correct")]
    assert Label.objects.get().paths.count() == 2


def test_a_second_enter_meant_for_the_last_report_decides_nothing(page: Page) -> None:
    page.evaluate(TWICE)
    shows(page, "Report 1")
    assert decided() == [("Report 0", "confirm")]
    page.keyboard.press("Enter")
    shows(page, "Report 2")


def test_enter_in_the_search_takes_the_first_match_and_decides_nothing(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("ransom")
    expect(page.locator("[data-label]:visible")).to_have_count(1)
    expect(page.locator("[data-chips]")).to_contain_text("Card")  # what is chosen stays in sight
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take off: Ransomware")).to_be_visible()
    expect(page.get_by_role("button", name="Take off: Card")).to_be_visible()
    assert decided() == []
    page.keyboard.press("Enter")
    shows(page, "Report 1")


def test_enter_in_a_search_without_a_match_does_nothing(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("zebra")
    expect(page.get_by_text("No label has these words.")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_timeout(UNSEEN_MS)
    shows(page, "Report 0")
    assert decided() == []


def test_keys_typed_into_a_reason_are_words(page: Page, reports: list[Incident]) -> None:
    page.keyboard.press("s")
    page.keyboard.type("x1nu not enough")
    page.keyboard.press("Enter")
    shows(page, "Report 1")
    assert decided() == []
    reports[0].refresh_from_db()
    assert reports[0].status == Incident.Status.SECOND_LOOK


def test_reject_unsure_and_undo_have_keys_of_their_own(page: Page) -> None:
    page.keyboard.press("x")
    shows(page, "Report 1")
    page.keyboard.press("n")
    page.keyboard.type("two crimes")
    page.keyboard.press("Enter")
    shows(page, "Report 2")
    assert decided() == [("Report 0", "reject"), ("Report 1", "unsure")]
    page.keyboard.press("u")
    shows(page, "Report 1")
    assert [label.incident.title for label in Label.objects.standing()] == ["Report 0"]


def test_the_last_report_gives_way_to_a_friendly_end(page: Page) -> None:
    for following in ("Report 1", "Report 2", "Report 3"):
        page.keyboard.press("Enter")
        shows(page, following)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing waits for review")).to_be_focused()


def test_everything_works_without_a_script(chromium: Browser, live_server: LiveServer) -> None:
    context = open_browser(chromium, live_server, java_script_enabled=False)
    page = context.new_page()
    page.goto("/review/")
    page.get_by_role("checkbox", name="Wallet").check()
    page.get_by_role("button", name="Confirm").click()
    shows(page, "Report 1")
    page.locator("summary", has_text="Skip").click()
    page.get_by_label("Why do you skip it?").fill("not enough")
    page.get_by_label("Why do you skip it?").press("Enter")
    shows(page, "Report 2")
    page.get_by_role("button", name="Undo").click()
    shows(page, "Report 1")
    assert decided() == [("Report 0", "correct")]
    close(context)


def test_numbers_open_a_category_and_then_choose_in_it(page: Page) -> None:
    page.keyboard.press("1")  # takes "Card" off: its category is open
    page.keyboard.press("c")  # back to the categories
    page.keyboard.press("2")  # "Ransomware" is a category and a label
    expect(page.get_by_role("button", name="Take off: Ransomware")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("2")
    expect(page.get_by_role("button", name="Take off: Wallet")).to_be_visible()
    page.keyboard.press("Enter")
    shows(page, "Report 1")
    assert {path.key for path in Label.objects.get().paths.all()} == {"Ransomware", "Fraud / Wallet"}


def test_clearing_the_search_clears_no_choice(page: Page) -> None:
    page.keyboard.press("2")
    page.keyboard.press("/")
    page.keyboard.type("ransom")
    page.keyboard.press("Escape")
    expect(page.get_by_role("checkbox", name="Card")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Wallet")).to_be_checked()


def test_a_number_disappears_from_what_somebody_touched(page: Page) -> None:
    row = page.locator("[data-label]").first
    expect(row).to_contain_text("suggested 60 %")
    page.keyboard.press("1")
    page.keyboard.press("1")
    expect(row.locator(".mark-model")).to_be_hidden()
    expect(row).to_contain_text("your choice")
    assert "100 %" not in page.locator("#decide").inner_text()


def test_a_sure_category_asks_for_its_sub_category_only(page: Page, reports: list[Incident]) -> None:
    reports[1].predictions.update(only_category=True, unsure=True)
    page.reload()
    settle(page)
    page.keyboard.press("Enter")
    shows(page, "Report 1")
    expect(page.locator("[data-chips]")).to_contain_text("Fraud › ?")
    page.keyboard.press("Enter")
    expect(page.locator("[data-outcome]")).to_contain_text("Which kind of Fraud is it?")
    page.wait_for_timeout(UNSEEN_MS)
    assert decided() == [("Report 0", "confirm")]
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    shows(page, "Report 2")
    assert decided()[1] == ("Report 1", "correct")


def test_the_guide_is_one_key_away_and_leaves_the_choice_alone(page: Page) -> None:
    page.keyboard.press("2")
    page.keyboard.press("g")
    expect(page.get_by_role("dialog", name="Guide of the labels")).to_contain_text("Wallet")
    page.keyboard.press("Escape")
    expect(page.get_by_role("checkbox", name="Wallet")).to_be_checked()


def test_keys_that_a_person_changed_work_and_are_listed(page: Page) -> None:
    page.goto("/shortcuts/")
    page.get_by_label("Reject: this is no incident").press("j")
    page.get_by_role("button", name="Save").click()
    page.goto("/review/")
    settle(page)
    page.keyboard.press("?")
    expect(page.get_by_role("row", name="j Reject: this is no incident")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.keyboard.press("j")
    shows(page, "Report 1")
    assert decided() == [("Report 0", "reject")]


def test_the_next_report_is_that_of_the_list(page: Page, reports: list[Incident]) -> None:
    Incident.objects.filter(pk=reports[2].pk).update(source=Incident.Source.API)
    page.goto("/review/?source=api")
    shows(page, "Report 0")  # which the person holds already
    page.keyboard.press("Enter")
    shows(page, "Report 2")
    assert page.url.endswith("?source=api")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing in this list waits for review")).to_be_visible()


def test_a_decision_of_before_is_opened_again_by_one_click(page: Page) -> None:
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    shows(page, "Report 1")
    page.get_by_role("button", name="Open report").click()
    shows(page, "Report 0")
    expect(page.get_by_role("checkbox", name="Wallet")).to_be_checked()


def test_many_labels_scroll_by_themselves_beside_the_report(page: Page) -> None:
    page.set_viewport_size({"width": 1200, "height": 420})
    for summary in page.locator(".label-scroll summary").all():
        summary.evaluate("element => element.parentElement.open = true")
    scrolled = page.locator(".label-scroll").evaluate(
        "element => { element.scrollTop = 30; return [element.scrollTop, element.scrollHeight - element.clientHeight] }"
    )
    assert scrolled[1] > 0, "the labels fit, so that this shows nothing"
    assert scrolled[0] == min(30, scrolled[1])
