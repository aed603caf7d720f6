"""Every address against everybody: nobody gets, or changes, what their role does not allow."""

from collections.abc import Iterator, Mapping
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from incidents.models import ApiToken, Attachment, Incident, Notice, TextRevision, User
from incidents.roles import ADMIN, ROLES
from incidents.services.tokens import create_token
from tests.builders import make_api_client, make_incident, make_user
from tests.e2e.site_pages import patterns_below, patterns_of_the_site
from tests.e2e.site_world import Numbers, make_people, make_world
from tests.security.role_table import ANY_SCOPE, ANYBODY, API, READ, SEND, Names

EVERYBODY = (ANYBODY, *ROLES)
METHODS = {"GET": READ, "POST": SEND}
SIGN_IN = "/accounts/login/"
# Steps of a sign-in: whoever is not in the middle of one is led to its start.
STEPS = {"mfa_login_webauthn", "mfa_reauthenticate_webauthn", "socialaccount_signup", "socialaccount_login_error"}
# What addresses are of, where the world has no row of that name and 1 will not do.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "export": {"form": "csv"},
    "dashboard-picture": {"name": "flow"},
    "dashboard-numbers": {"name": "flow"},
    "agreement-numbers": {"name": "pairs"},
    "mfa_edit_webauthn": {"pk": 1},
    "mfa_remove_webauthn": {"pk": 1},
    "openid_connect_login": {"provider_id": "sso"},
    "openid_connect_callback": {"provider_id": "sso"},
    "account_confirm_email": {"key": "x"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "x-y"},
}


class World:
    """The rows, the people, and where the addresses lead."""

    def __init__(self) -> None:
        self.people = make_people()
        self.numbers: Numbers = make_world(self.people)
        self.texts = {text for text in TextRevision.objects.values_list("text", flat=True) if len(text) > 12}

    def address(self, name: str) -> str:
        given = self.numbers.get(name) or ARGUMENTS.get(name) or {}
        if name.startswith("receipt"):
            given = {**self.numbers["receipt"], **given}
        return reverse(name, kwargs={one: given.get(one, 1) for one in PARTS[name] or given})

    def client(self, role: str) -> Client:
        client = Client(raise_request_exception=False)
        if role:
            client.force_login(self.people[role])
        return client

    def told(self, answer: Any) -> set[str]:
        """The reports whose words an answer holds."""
        body = b"".join(answer) if answer.streaming else answer.content
        return {text for text in self.texts if text.encode() in body}


def _parts() -> dict[str, list[str]]:
    """Name of each address -> the arguments that it takes."""
    found = {}
    for one in patterns_of_the_site():
        if one.name:
            groups = getattr(one.pattern, "regex", None)
            found[one.name] = list(one.pattern.converters) or (list(groups.groupindex) if groups else [])
    return found


PARTS = _parts()
PAGES = sorted(name for name in PARTS if name not in API)


@pytest.fixture
def world(db: None) -> World:
    return World()


def ask(client: Client, method: str, address: str, **more: Any) -> Any:
    """The answer; what it changed is undone, a sign-out as well."""
    cookies = copy(client.cookies)
    with transaction.atomic():
        answer = client.generic(method, address, **more)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def is_refused(answer: Any) -> bool:
    signs_in = answer.status_code == 302 and answer["Location"].startswith(SIGN_IN)
    return signs_in or answer.status_code in {401, 403}


def least(table: Names, name: str) -> str | None:
    return next((role for role, names in table.items() if name in names), None)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    named = {name for table in (READ, SEND) for names in table.values() for name in names}
    assert set(PARTS) - named - set(API) == set(), "say in role_table.py who may what there"
    assert (named | set(API)) - set(PARTS) == set()
    for table in (READ, SEND):
        names = [name for group in table.values() for name in group]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("role", EVERYBODY)
def test_pages_answer_whoever_may_and_refuse_everybody_else(world: World, role: str) -> None:
    client, wrong = world.client(role), []
    for name in PAGES:
        for method, table in METHODS.items():
            answer, needed = ask(client, method, world.address(name)), least(table, name)
            if answer.status_code >= 500:
                wrong.append(f"{method} {name}: {answer.status_code}")
            elif name in STEPS:
                wrong += [f"{method} {name} tells"] if world.told(answer) else []
            elif needed is None:
                wrong += [] if answer.status_code == 405 else [f"{method} {name}: {answer.status_code}, not 405"]
            elif EVERYBODY.index(role) >= EVERYBODY.index(needed):
                wrong += [f"{method} {name} refused: {answer.status_code}"] if is_refused(answer) else []
            elif not is_refused(answer) or world.told(answer):
                wrong.append(f"{method} {name} not refused: {answer.status_code}, {world.told(answer)}")
    assert wrong == []


def api_rows() -> Iterator[tuple[str, str, str, str]]:
    for name, methods in API.items():
        for method, (role, scope) in methods.items():
            yield name, method, role, scope


def test_the_api_has_a_row_for_each_of_its_methods() -> None:
    for one in patterns_of_the_site():
        if one.name in API:
            view = one.callback.view_class
            methods = {name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
            assert methods == set(API[one.name]), one.name
            assert methods == set(view.access), one.name


def test_the_api_answers_by_role(world: World) -> None:
    wrong = []
    for role in ROLES:
        client = make_api_client(world.people[role])
        for name, method, needed, _scope in api_rows():
            answer = ask(client, method, world.address(name), data="{}", content_type="application/json")
            allowed = EVERYBODY.index(role) >= EVERYBODY.index(needed)
            if answer.status_code >= 500 or allowed == is_refused(answer) or (not allowed and world.told(answer)):
                wrong.append(f"{role}: {method} {name} {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("kind", ["none", "revoked", "expired", "made up"])
def test_without_a_token_that_holds_the_api_tells_nothing(world: World, kind: str) -> None:
    client = _client_with(kind, world.people[ADMIN])
    for name, method, _role, _scope in api_rows():
        answer = ask(client, method, world.address(name), data="{}", content_type="application/json")
        assert answer.status_code == 401 and not world.told(answer), (name, method)


def _client_with(kind: str, person: User) -> APIClient:
    client, secret = APIClient(), "0" * 64
    if kind in {"revoked", "expired"}:
        token, secret = create_token(person, name="test", scopes=ApiToken.Scope.values)
        if kind == "revoked":
            token.delete()
        else:
            ApiToken.objects.filter(pk=token.pk).update(expiry=token.created)
    if kind != "none":
        client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


def test_a_token_does_what_its_scopes_say_and_no_more(world: World) -> None:
    admin = world.people[ADMIN]
    wrong = []
    for scope in ApiToken.Scope.values:
        client = make_api_client(admin, scope)
        for name, method, _role, needed in api_rows():
            answer = ask(client, method, world.address(name), data="{}", content_type="application/json")
            if (needed in {scope, ANY_SCOPE}) == is_refused(answer):
                wrong.append(f"{scope}: {method} {name} {answer.status_code}")
    assert wrong == []


def test_a_token_opens_no_page(world: World) -> None:
    client = make_api_client(world.people[ADMIN])
    for name in (name for role in ROLES for name in READ[role] if name != "metrics"):
        assert is_refused(ask(client, "GET", world.address(name))), name


def test_a_reporter_sees_their_own_and_nothing_of_another(world: World, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    stranger = make_user("stranger")
    report = Incident.objects.get(pk=world.numbers["incident"]["pk"])
    assert report.reporter == world.people["reporter"]
    kept = Attachment.objects.create(
        incident=report, name="a.txt", content_type="text/plain", size=3, from_reporter=True,
        file=ContentFile(b"abc", name="a.txt"),
    )  # fmt: skip
    notice = Notice.objects.filter(user=world.people["reporter"]).latest("pk")
    addresses = [
        reverse("incident", args=[report.pk]),
        reverse("incident-attachment", args=[report.pk, kept.pk]),
        reverse("notice", args=[notice.pk]),
        reverse("api-incident", args=[report.pk]),
    ]
    for person, found in ((world.people["reporter"], True), (stranger, False)):
        client = Client()
        client.force_login(person)
        for address in addresses:
            answer = ask(client, "GET", address)
            assert (answer.status_code in {200, 302}) is found, (person, address, answer.status_code)
            assert found or not world.told(answer)
        for name in ("mine", "api-incidents", "home", "notices"):
            told = world.told(ask(client, "GET", reverse(name)))
            assert found or told == set(), (name, told)


def test_nobody_revokes_the_token_of_another(world: World) -> None:
    token, _secret = create_token(world.people[ADMIN], name="mine", scopes=[ApiToken.Scope.READ])
    client = world.client("lead")
    client.post(reverse("revoke-token"), {"token": token.digest, "pk": token.pk, "digest": token.digest})
    assert ApiToken.objects.filter(pk=token.pk).exists()


@pytest.mark.parametrize("role", EVERYBODY)
def test_the_administration_is_for_staff(world: World, role: str) -> None:
    admin_site = next(one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == "admin")
    for one in patterns_below(admin_site.url_patterns):
        if not one.name or one.name in {"login", "logout"} or "<" in str(one.pattern):
            continue
        answer = ask(world.client(role), "GET", reverse(f"admin:{one.name}"))
        assert answer.status_code < 500, one.name
        if role != ADMIN:
            assert answer.status_code in {302, 403, 404} and not world.told(answer), (one.name, answer.status_code)


def test_whoever_has_no_role_gets_what_anybody_gets(world: World) -> None:
    nobody = make_user("nobody", role="")
    assert not nobody.get_all_permissions() and not AnonymousUser().get_all_permissions()
    make_incident(title="Of somebody else")
    client = Client()
    client.force_login(nobody)
    for role in ROLES[1:]:
        for name in READ[role]:
            answer = ask(client, "GET", world.address(name))
            assert is_refused(answer) and not world.told(answer), name
