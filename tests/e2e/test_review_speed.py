"""A driven browser that decides as fast as the page takes keys. Times are measured by benchmarks/review_page.py."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from incidents.models import Label
from incidents.roles import sync_roles
from tests.builders import make_incident, make_path, make_prediction, make_version
from tests.e2e.review_browser import close, open_browser, settle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REPORTS = 12


def test_every_report_is_decided_once_however_fast_the_keys_come(chromium: Browser, live_server: LiveServer) -> None:
    sync_roles()
    make_path("Fraud", "Card")
    make_path("Hacking", "Malware")
    version = make_version(stage="champion")
    for number in range(REPORTS):
        report = make_incident(title=f"Report {number}", review_priority=1 - number / 100)
        make_prediction(report, version, [0.7, 0.3])
    context = open_browser(chromium, live_server)
    page = context.new_page()
    page.goto("/review/")
    settle(page)
    end = page.get_by_role("heading", name="Nothing waits for review")
    for _ in range(40 * REPORTS):
        if end.is_visible():
            break
        page.keyboard.press("Enter")
        page.wait_for_timeout(60)
    expect(end).to_be_visible()
    close(context)
    assert sorted(label.incident.title for label in Label.objects.all()) == sorted(
        f"Report {n}" for n in range(REPORTS)
    )
