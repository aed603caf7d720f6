"""The main job, end to end: file, classify, review by keyboard, retrain, promote, file again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site
from tests.e2e.training_browser import call_off, start_and_wait

pytestmark = pytest.mark.browser
SORTED = 30_000  # ms; how long it takes is measured elsewhere, here it only has to happen
TRAINED = 180_000


def file_report(page: Page, title: str, text: str) -> str:
    """File a report by keyboard alone; what the receipt says once a model has read it."""
    page.goto("/file/")
    page.get_by_label("Title").focus()
    page.keyboard.type(title)
    page.keyboard.press("Tab")
    page.keyboard.type(text)
    consent = page.get_by_role("checkbox")
    for _ in range(12):
        if consent.evaluate("box => box === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/r/"))
    expect(page.locator("#state")).to_contain_text("Suggested:", timeout=SORTED)
    return page.locator("#state").inner_text()


def newest_report(page: Page) -> None:
    """Open what was filed last, as an analyst."""
    page.goto("/queue/?status=all&order=newest")
    newest = page.locator("a[href^='/incidents/']").evaluate_all(
        "links => Math.max(...links.map(a => Number(a.pathname.split('/')[2])))"
    )
    page.goto(f"/incidents/{newest}/")


def train_and_wait(page: Page) -> str:
    """Train a linear model by the form, after the first T5 was called off; the name of the version."""
    call_off(page, TRAINED)
    page.goto("/models/")
    page.get_by_role("link", name="Set up a training").click()
    page.get_by_label("Linear alone").check()
    return start_and_wait(page, TRAINED)


def test_a_report_goes_round_the_whole_loop(site: Site):
    reporter, analyst, admin = site.page("reporter"), site.page("analyst"), site.page("admin")

    said = file_report(
        reporter, "OTP fraud", "A caller from my bank asked for the OTP and 5,000 rupees left my account by UPI."
    )
    assert "Online Financial Fraud" in said

    newest_report(analyst)
    expect(analyst.locator("main")).to_contain_text("linear-v")
    analyst.get_by_role("button", name=re.compile("Review this")).press("Enter")
    analyst.wait_for_url("**/review/**")
    number = analyst.url.rstrip("/").split("/")[-1]
    analyst.keyboard.press("Enter")
    expect(analyst).not_to_have_url(re.compile(f"/review/{number}/"), timeout=SORTED)
    analyst.goto(f"/incidents/{number}/")
    expect(analyst.locator("main")).to_contain_text("Confirmed")

    version = train_and_wait(admin)
    admin.goto("/models/")
    admin.get_by_role("link", name=f"Promote {version}").click()
    admin.get_by_label("Reason").fill("has learnt from the first review")
    admin.get_by_role("button", name="Promote").click()
    expect(admin.locator("main")).to_contain_text(version)

    file_report(reporter, "Ransomware", "All files of our office server are encrypted and a note demands bitcoin.")
    newest_report(analyst)
    expect(analyst.locator("main")).to_contain_text(version, timeout=SORTED)
    assert site.troubles == []
