"""A second factor: asked of admins at every address, by codes that are really computed, taken away by another admin."""

from typing import Any
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from incidents.models import AuditEvent, User
from incidents.roles import ADMIN, ANALYST, LEAD, REPORTER
from incidents.second_factor import OPEN
from incidents.services.audit import about
from tests.builders import PASSWORD, make_api_client, make_user
from tests.security.test_role_matrix import PAGES, World, ask
from tests.security.totp import code_now

pytestmark = pytest.mark.django_db
SET_UP = "/accounts/second-factor/"
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _asked(settings: Settings) -> None:
    settings.MFA_FOR_ADMINS = True


@pytest.fixture
def admin() -> User:
    return make_user("chief", role=ADMIN, is_staff=True)


def sign_in(name: str = "chief", code: str = "") -> Client:
    """A browser after the password, and the code where one is given."""
    client = Client()
    client.post(LOGIN, {"login": name, "password": PASSWORD})
    if code:
        client.post(SET_UP + "authenticate/", {"code": code})
    return client


def set_up_app(client: Client) -> tuple[str, list[str]]:
    """Through the pages, as a person does; gives the secret and the recovery codes."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get(SET_UP + "totp/activate/").context["form"].secret
    with patch.object(transaction, "on_commit", lambda told: told()):  # as outside of a test, within the request
        client.post(SET_UP + "totp/activate/", {"code": code_now(secret)})
    return secret, client.get(SET_UP + "recovery-codes/").context["unused_codes"]


def is_inside(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def test_no_address_opens_for_an_admin_without_one(db: None) -> None:
    world = World()
    client, opened = world.client(ADMIN), []
    for name in (name for name in PAGES if name not in OPEN and not name.startswith("mfa_")):
        for method in ("GET", "POST"):
            answer = ask(client, method, world.address(name))
            if answer.status_code != 302 or answer["Location"] != SET_UP:
                opened.append(f"{method} {name}: {answer.status_code}")
    assert opened == []


@pytest.mark.parametrize("address", ["/admin/", "/admin/incidents/user/", "/admin/login/", "/no-such-page/"])
def test_nor_does_the_administration(client: Client, admin: User, address: str) -> None:
    client.force_login(admin)
    assert client.get(address)["Location"] == SET_UP


def test_nor_does_the_api_by_session_or_by_token(client: Client, admin: User) -> None:
    client.force_login(admin)
    answer = client.get("/api/v1/incidents/")
    assert (answer.status_code, "second factor" in answer.json()["detail"]) == (403, True)
    api = make_api_client(admin)
    assert api.get("/api/v1/incidents/").status_code == 403
    Authenticator.objects.create(user=admin, type="totp", data={})
    assert api.get("/api/v1/incidents/").status_code == 200


def test_a_part_of_a_page_leads_the_whole_page_there(client: Client, admin: User) -> None:
    client.force_login(admin)
    assert client.get("/themes/state/", headers={"HX-Request": "true"})["HX-Redirect"] == SET_UP


@pytest.mark.parametrize("overrides", [{"is_superuser": True}, {"is_staff": True}])
def test_whoever_reaches_as_far_as_an_admin_is_asked(client: Client, overrides: dict[str, Any]) -> None:
    client.force_login(make_user(role="", **overrides))
    assert client.get("/")["Location"] == SET_UP


def test_a_permission_of_admins_by_itself_is_asked_for_as_well(client: Client) -> None:
    analyst = make_user(role=ANALYST)
    analyst.user_permissions.add(Permission.objects.get(codename="manage_webhooks"))
    client.force_login(analyst)
    assert client.get("/")["Location"] == SET_UP


@pytest.mark.parametrize("role", [REPORTER, ANALYST, LEAD])
def test_nobody_else_is_asked(client: Client, role: str) -> None:
    client.force_login(make_user(role=role))
    assert client.get("/").status_code == 200
    assert "Admins need a second factor" not in client.get(SET_UP).content.decode()


def test_a_site_may_do_without(client: Client, admin: User, settings: Settings) -> None:
    settings.MFA_FOR_ADMINS = False
    client.force_login(admin)
    assert is_inside(client)


def test_with_an_app_set_up_password_and_code_open_the_site_and_each_alone_does_not(admin: User) -> None:
    client = sign_in()
    assert client.get("/queue/")["Location"] == SET_UP
    secret, codes = set_up_app(client)
    assert is_inside(client)
    assert len(codes) == 10

    assert not is_inside(sign_in())
    assert not is_inside(sign_in(code="000000"))
    without_password = Client()
    without_password.post(SET_UP + "authenticate/", {"code": code_now(secret, 1)})
    assert not is_inside(without_password)
    assert is_inside(sign_in(code=code_now(secret, 1)))


@pytest.mark.parametrize(("steps", "holds"), [(-3, False), (-1, True), (0, True), (1, True), (3, False)])
def test_a_clock_may_be_half_a_minute_off_and_no_more(admin: User, steps: int, holds: bool) -> None:
    secret, _codes = set_up_app(sign_in())
    assert is_inside(sign_in(code=code_now(secret, steps))) is holds


def test_a_code_that_somebody_looked_over_a_shoulder_for_is_used_up(admin: User) -> None:
    secret, _codes = set_up_app(sign_in())
    code = code_now(secret, 1)
    assert is_inside(sign_in(code=code))
    assert not is_inside(sign_in(code=code))


def test_a_recovery_code_holds_once(admin: User) -> None:
    _secret, codes = set_up_app(sign_in())
    assert is_inside(sign_in(code=codes[3]))
    assert not is_inside(sign_in(code=codes[3]))
    assert is_inside(sign_in(code=codes[4]))
    used = AuditEvent.objects.filter(kind="second_factor.code_used")
    assert sorted(event.detail["left"] for event in used) == [8, 9]


def test_sessions_from_before_there_was_one_end(admin: User) -> None:
    somewhere_else, here = sign_in(), sign_in()
    set_up_app(here)
    assert somewhere_else.get(SET_UP)["Location"].startswith(LOGIN)


def test_whoever_becomes_an_admin_while_signed_in_shows_the_one_they_have(settings: Settings) -> None:
    user = make_user("rising")
    settings.MFA_FOR_ADMINS = False
    client = sign_in("rising")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "not looked at"})
    settings.MFA_FOR_ADMINS = True
    user.is_staff = True
    user.save()
    assert client.get("/queue/")["Location"] == SET_UP + "reauthenticate/"


def test_taking_the_last_one_off_leads_back_to_the_start(admin: User) -> None:
    client = sign_in()
    set_up_app(client)
    client.post(SET_UP + "totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert client.get("/queue/")["Location"] == SET_UP


def test_a_copy_of_the_database_shows_no_secret_and_no_code(admin: User, settings: Settings) -> None:
    secret, codes = set_up_app(sign_in())
    kept = " ".join(str(data) for data in Authenticator.objects.values_list("data", flat=True))
    assert not any(word in kept for word in (secret, *codes))
    settings.SECRET_KEY = "another key of the server, as after a move without it"
    answer = Client()
    answer.post(LOGIN, {"login": "chief", "password": PASSWORD})
    page = answer.post(SET_UP + "authenticate/", {"code": code_now(secret)})
    assert "Ask an admin to reset your second factor" in page.content.decode()


def act(client: Client, action: str, *users: User) -> str:
    chosen = {"action": action, "_selected_action": [user.pk for user in users]}
    return client.post(reverse("admin:incidents_user_changelist"), chosen, follow=True).content.decode()


def test_another_admin_resets_the_factor_of_whoever_lost_the_device(admin: User) -> None:
    lost = make_user("lost", role=ADMIN, is_staff=True)
    theirs, mine = sign_in("lost"), sign_in()
    set_up_app(theirs)
    set_up_app(mine)
    page = mine.get(reverse("admin:incidents_user_changelist")).content.decode()
    assert page.count('alt="True"') >= 2  # who has one is shown
    assert "The second factor of lost is reset" in act(mine, "reset_second_factor", lost, admin)
    assert theirs.get(SET_UP)["Location"].startswith(LOGIN)
    assert sign_in("lost").get("/queue/")["Location"] == SET_UP
    assert Authenticator.objects.filter(user=admin).count() == 2  # not one's own, which has to be shown first
    event = AuditEvent.objects.get(kind="second_factor.reset")
    assert (event.actor, event.subject, event.detail["kinds"]) == (admin, about(lost), ["recovery_codes", "totp"])


def test_an_admin_does_not_reset_a_superuser(admin: User) -> None:
    boss = make_user("boss", role="", is_superuser=True)
    Authenticator.objects.create(user=boss, type="totp", data={})
    mine = sign_in()
    set_up_app(mine)
    act(mine, "reset_second_factor", boss)
    assert Authenticator.objects.filter(user=boss).exists()


def test_the_only_admin_is_let_in_again_from_the_command_line(admin: User, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_app(sign_in())
    call_command("reset_second_factor", "chief")
    assert "chief has no second factor now" in capsys.readouterr().out
    assert sign_in().get("/queue/")["Location"] == SET_UP
    with pytest.raises(CommandError, match="There is no account 'cheif'"):
        call_command("reset_second_factor", "cheif")


def test_what_happened_is_written_down(admin: User) -> None:
    client = sign_in()
    secret, _codes = set_up_app(client)
    sign_in(code="000000")
    sign_in(code=code_now(secret, 1))
    client.post("/accounts/logout/")
    kinds = list(AuditEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [
        "account.signed_in", "second_factor.added", "second_factor.added", "second_factor.failed",
        "account.signed_in", "account.signed_out",
    ]  # fmt: skip
    assert AuditEvent.objects.filter(kind="account.signed_in").first().detail == {"by": ["password", "totp"]}


@pytest.mark.parametrize(("typed", "known"), [("chief", True), ("My-Passw0rd", False), ("a@b.example", False)])
def test_a_failed_sign_in_keeps_nothing_of_what_was_typed(admin: User, typed: str, known: bool) -> None:
    Client().post(LOGIN, {"login": typed, "password": "Winter-2026!"})
    event = AuditEvent.objects.get(kind="account.sign_in_failed")
    assert (event.subject, event.detail, event.actor) == (about(admin) if known else "", {"known": known}, None)
