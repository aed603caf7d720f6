"""Markup in every text of the database, on every page: it stays a text."""

import re
import time
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.test import Client
from django.urls import NoReverseMatch, reverse

from events.models import Detection
from events.services.filter_pages import TABS as FILTER_TABS
from incidents.roles import ADMIN
from incidents.services.incident_page import TABS
from tests.builders import make_api_client
from tests.e2e.site_pages import NO_PAGE, PAGES, PART, QUERIES
from tests.e2e.site_world import make_people
from tests.security.api_calls import NUMBERED
from tests.security.hostile_world import OURS, columns, make_hostile_world, without_payload, written_by_code
from tests.security.markup import injected
from tests.security.role_table import API
from tests.security.test_role_matrix import ARGUMENTS, PARTS

pytestmark = pytest.mark.django_db
# Of pages that show one part of what they know: how each part is asked for.
STATES = {
    "incident": [f"&tab={one}" for one in TABS],
    "incident-decided": [f"&tab={one}" for one in TABS],
    "filters": ["", *(f"&show={one}" for one in FILTER_TABS)],
    "detections": ["", *(f"&status={one}" for one in Detection.Status.values)],
}
SHOWN = re.compile(r"x-hit f=(\d+)")


@pytest.fixture
def world(caseloop_home):
    people = make_people()
    return people, make_hostile_world(people)


def client_of(people, role) -> Client:
    client = Client(raise_request_exception=False)
    if role:
        people[role].refresh_from_db()
        client.force_login(people[role], backend="incidents.sign_in.RoleBackend")
        session = client.session  # pages of second factors ask for the password if it was not given a moment ago
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
        session["account_authentication_methods_user"] = str(people[role].pk)
        session.save()
    return client


def address_of(name, numbers) -> str:
    """Of a page; of a part by the numbers of the page that it belongs to; of the API by those of any row."""
    shown = name if name in PARTS else name.rpartition("-")[0]
    given = {**ARGUMENTS.get(name, {}), **_given(name, numbers)}
    address = reverse(shown, kwargs={one: given.get(one, 0) for one in PARTS[shown] or numbers.get(name, {})})
    for part, kind in NUMBERED.items():
        address = address.replace(f"/v1{part}0/", f"/v1{part}{kind._default_manager.first().pk}/")
    return f"{address}?{QUERIES.get(name, '')}"


def _given(name, numbers):
    stem = name
    while stem:
        for known in (stem, *sorted(one for one in numbers if one.startswith(f"{stem}-"))):
            if known in numbers:
                return numbers[known]
        stem = stem.rpartition("-")[0]
    return {}


def looks(numbers) -> Iterator[tuple[str, str, str]]:
    """Role, name and address of all pages, and of the parts that are fetched into them."""
    for name, roles in PAGES.items():
        for role in roles:
            for state in STATES.get(name, [""]):
                yield role, name, address_of(name, numbers) + state
    for name in NO_PAGE[PART]:
        yield ADMIN, name, address_of(name, numbers)


def test_every_text_of_the_database_is_hostile_or_known_to_be_written_by_code(world):
    assert without_payload() == [], "give them a payload in hostile_world.py, or name them in CODE with the reason"
    assert written_by_code() - {name for _kind, _one, name in columns()} == set()


def test_no_text_becomes_markup_on_any_page(world):
    people, numbers = world
    wrong, shown = [], set()
    for role, name, address in looks(numbers):
        answer = client_of(people, role).get(address)
        page = answer.content.decode()
        if answer.status_code >= 500 or (name in PAGES and answer.status_code != 200):
            wrong.append(f"{role} at {name}: {answer.status_code}")
        wrong += [f"{role} at {name}: {told}" for told in injected(page)]
        shown |= set(SHOWN.findall(page))
    assert wrong == []
    assert len(shown) > 60, "the pages show the hostile texts, else this proves nothing"


def test_no_text_becomes_markup_in_the_administration(world):
    people, _numbers = world
    client, wrong = client_of(people, ADMIN), []
    for kind in apps.get_models():
        if kind._meta.app_label in OURS:
            row = kind._base_manager.first()
            names = [("changelist", []), *([("change", [row.pk]), ("history", [row.pk])] if row else [])]
            for page, arguments in names:
                try:
                    address = reverse(f"admin:{kind._meta.label_lower.replace('.', '_')}_{page}", args=arguments)
                except NoReverseMatch:
                    continue
                answer = client.get(address)
                wrong += [f"{address}: {answer.status_code}"] if answer.status_code >= 500 else []
                wrong += [f"{address}: {told}" for told in injected(answer.content.decode())]
    assert wrong == []


def test_the_api_answers_in_json_that_no_browser_takes_for_a_page(world):
    people, numbers = world
    people[ADMIN].refresh_from_db()
    client = make_api_client(people[ADMIN])
    for name, methods in API.items():
        if "GET" in methods:
            answer = client.get(address_of(name, numbers))
            assert answer.status_code < 500, name
            assert answer["Content-Type"] == "application/json", name
            assert answer["X-Content-Type-Options"] == "nosniff", name


@pytest.mark.parametrize("address", ["/{}", "/api/v1/{}", "/incidents/{}/", "/r/{}/", "/admin/{}", "/models/{}/"])
def test_a_wrong_address_is_not_echoed_as_markup(client, address):
    answer = client.get(address.format("<x-hit f=1 onclick=hit()>"), follow=True)
    assert injected(answer.content.decode()) == []
