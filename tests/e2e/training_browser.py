"""A training, as an admin starts and stops it in the browser. `within`: ms; here it only has to happen."""

from playwright.sync_api import Page, expect


def call_off(page: Page, within: int) -> None:
    """The training of the first T5, which would take minutes."""
    page.goto("/models/")
    cancel = page.locator("#cancel-run")
    if cancel.count():
        cancel.click()
        page.goto("/models/")
        expect(page.locator("#busy")).to_have_count(0, timeout=within)


def start_and_wait(page: Page, within: int) -> str:
    """Start what the form of a training holds; the name of the version that it made."""
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("#run")).to_contain_text("It made", timeout=within)
    return page.locator("#run a", has_text="-v").inner_text()
