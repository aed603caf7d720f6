"""Every page wide and light, narrow and dark: no console error, no violation of the content policy."""

import pytest

from tests.e2e.conftest import SETTLED, Site

pytestmark = pytest.mark.browser
PAGES = {
    "": ["/", "/file/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/no-such-page/"],
    "reporter": ["/", "/file/", "/mine/", "/tokens/"],
    "analyst": [
        "/",
        "/queue/",
        "/review/",
        "/incidents/1/",
        "/guide/",
        "/models/",
        "/models/1/",
        "/models/1/compare/",
        "/models/1/reports/",
        "/status/",
        "/api/docs/",
        "/events/",
        "/events/sources/1/",
        "/events/live/",
        "/events/detections/",
        "/events/entities/",
        "/events/entities/1/",
        "/events/records/1/",
    ],
    "lead": ["/", "/profile/", "/queue/", "/events/dead-letters/", "/events/filters/"],
    "admin": [
        "/",
        "/settings/",
        "/models/",
        "/models/runs/1/",
        "/status/",
        "/admin/",
        "/admin/incidents/incident/",
        "/events/sources/new/",
        "/events/sources/1/settings/",
    ],
}


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (380, "dark")])
@pytest.mark.parametrize("role", PAGES)
def test_pages_load_without_a_complaint(site: Site, role: str, width: int, scheme: str):
    expected = {"/no-such-page/": 404}
    page = site.page(role, scheme, width)
    for address in PAGES[role]:
        before = len(site.troubles)
        answer = page.goto(address)
        page.evaluate(SETTLED)
        assert answer and answer.status == expected.get(address, 200), address
        if address in expected:
            del site.troubles[before:]  # the browser reports the 404 itself
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{address} scrolls sideways at {width} px by {wide} px"
    page.context.close()
    assert site.troubles == []
