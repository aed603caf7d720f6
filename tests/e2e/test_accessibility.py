"""Every page, light and dark, wide and narrow, by the rules of axe-core: nothing serious or critical."""

import hashlib
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from incidents.models import User
from tests.builders import PASSWORD
from tests.e2e.conftest import SETTLED
from tests.e2e.site_pages import NO_PAGE, PAGES, QUERIES, names_of_the_site
from tests.e2e.site_world import Numbers, make_people, make_world

AXE = Path(__file__).parent / "axe.min.js"  # see AXE.md beside it
GRAVE = {"serious", "critical"}
REFUSED = {"": {"/no-such-page/": 404, "/accounts/providers/login/error/": 401}, "reporter": {"/queue/": 403}}
WIDE, NARROW = 1400, 380
# Each page in one look, in turns, by who sees most of it; `make chaos` looks at every page by all of its roles in every
# look, which takes minutes for each.
IN_TURNS = [(WIDE, "light"), (NARROW, "dark")]
LOOKS = [
    pytest.param(IN_TURNS, id="in turns"),
    *(
        pytest.param([(width, scheme)], id=f"{width} {scheme}", marks=pytest.mark.long)
        for width in (WIDE, NARROW)
        for scheme in ("light", "dark")
    ),
]
SLOW = 90_000  # ms: how long a page takes is measured elsewhere
RUN = """
async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations.map(({id, impact, nodes}) => ({id, impact, where: nodes.map((node) => node.html)}));
}
"""


def test_the_rules_are_those_that_are_named() -> None:
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() in AXE.with_name("AXE.md").read_text()


def test_every_address_is_looked_at_or_named_as_no_page() -> None:
    named = {name for names in NO_PAGE.values() for name in names}
    known = {name for name in names_of_the_site() if not _is_api(name)}
    assert known - named - set(PAGES) == set(), "give each new page a row in site_pages.py, and one in site_world.py"
    assert not named & set(PAGES)


def _is_api(name: str) -> bool:
    try:
        return reverse(name).startswith("/api/v1/")
    except NoReverseMatch:
        return name.startswith("api-")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("looks", LOOKS)
def test_no_page_keeps_anybody_out(chromium: Browser, live_server: LiveServer, looks: list[tuple[int, str]]) -> None:
    people = make_people()
    world = make_world(people)
    troubles = []
    for role in sorted({role for roles in PAGES.values() for role in roles}):
        pages = [_page(chromium, live_server, people.get(role), width, scheme) for width, scheme in looks]
        shown = [name for name, roles in PAGES.items() if role in (roles[-1:] if looks is IN_TURNS else roles)]
        addresses = {name: (_address(name, world), 200) for name in shown}
        addresses |= {address: (address, status) for address, status in REFUSED.get(role, {}).items()}
        for (name, (address, status)), page in zip(addresses.items(), cycle(pages), strict=False):
            troubles += [f"{role or 'anybody'} at {name}: {told}" for told in _look(page, address, status)]
        for page in pages:
            page.context.close()
    assert troubles == [], "\n" + "\n".join(troubles)


def _page(chromium: Browser, live_server: LiveServer, user: User | None, width: int, scheme: Any) -> Page:
    context = chromium.new_context(
        base_url=live_server.url, color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(SLOW)
    if user:
        client = Client()
        client.force_login(user)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})  # as pages of second factors ask for
        cookie = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return context.new_page()


def _address(name: str, world: Numbers) -> str:
    arguments: Mapping[str, Any] = world.get(name, {"name": "flow"} if name == "dashboard-picture" else {})
    shown = name if name in names_of_the_site() else name.rpartition("-")[0]
    return f"{reverse(shown, kwargs=dict(arguments))}?{QUERIES.get(name, '')}"


def _look(page: Page, address: str, status: int) -> list[str]:
    """What is grave about a page; everything that folds is opened, and what comes later has come."""
    answer = page.goto(address)
    page.evaluate(SETTLED)
    assert answer and answer.status == status, (address, answer and answer.status)
    page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    page.evaluate(AXE.read_text())
    found = page.evaluate(RUN)
    told = [f"{one['id']} ({one['impact']}) {one['where'][:3]}" for one in found if one["impact"] in GRAVE]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*told, *([f"scrolls sideways by {wide} px"] if wide > 0 else [])]
