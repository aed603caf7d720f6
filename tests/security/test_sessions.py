"""How long a sign-in lasts, what ends it, and that nobody's page is kept anywhere."""

import time

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from incidents.models import ApiToken, AuditEvent, User
from incidents.roles import ADMIN
from incidents.services.leaving import end_access
from incidents.services.sessions import BEGAN, SEEN
from incidents.services.tokens import create_token
from tests.builders import PASSWORD, make_api_client, make_user

pytestmark = pytest.mark.django_db
DAY = 24 * 3600
NEW = "another good long password"


@pytest.fixture
def asha() -> User:
    return make_user("asha")


def sign_in(name: str = "asha", password: str = PASSWORD, **more: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": name, "password": password, **more})
    return client


def is_inside(client: Client) -> bool:
    return client.get("/mine/").status_code == 200


def turn_back(client: Client, **seconds: float) -> None:
    session = client.session
    for name, by in seconds.items():
        session[name] -= by
    session.save()


def test_a_sign_in_gets_a_key_of_its_own(asha: User) -> None:
    client = Client()
    client.post("/preferences/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = before = session.session_key
    client.post("/accounts/login/", {"login": "asha", "password": PASSWORD})
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(asha: User) -> None:
    cookie = sign_in().cookies[django_settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


@pytest.mark.parametrize("remember", ["", "on"])
def test_it_ends_after_a_week_however_much_it_is_used(asha: User, remember: str) -> None:
    client = sign_in(remember=remember)
    turn_back(client, **{BEGAN: 6.9 * DAY, SEEN: 100.0})
    assert is_inside(client)
    turn_back(client, **{BEGAN: 0.2 * DAY})
    assert not is_inside(client)
    assert client.get("/mine/")["Location"] == "/accounts/login/?next=/mine/"


def test_it_ends_when_nobody_has_used_it_for_half_a_day(asha: User) -> None:
    client = sign_in()
    row = Session.objects.get(session_key=client.session.session_key)
    assert abs((row.expire_date - timezone.now()).total_seconds() - DAY / 2) < 60
    Session.objects.filter(pk=row.pk).update(expire_date=timezone.now())
    assert not is_inside(client)


def test_use_moves_its_end_on_and_writes_a_row_every_few_minutes_at_most(asha: User) -> None:
    client = sign_in()
    key = client.session.session_key
    before = Session.objects.get(session_key=key).expire_date
    assert is_inside(client)
    assert Session.objects.get(session_key=key).expire_date == before
    turn_back(client, **{SEEN: 400.0})
    before = Session.objects.get(session_key=key).expire_date
    time.sleep(0.01)
    assert is_inside(client)
    assert Session.objects.get(session_key=key).expire_date > before


def test_a_changed_password_ends_all_sessions_but_the_one_that_changed_it(asha: User) -> None:
    here, elsewhere = sign_in(), sign_in()
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert (is_inside(here), is_inside(elsewhere)) == (True, False)
    assert AuditEvent.objects.filter(kind="account.password_changed", actor=asha).exists()


def test_a_person_sees_their_sessions_and_ends_the_others(asha: User) -> None:
    here, elsewhere, of_another = sign_in(), sign_in(), sign_in(make_user("ben").username)
    page = here.get("/accounts/sessions/").content.decode()
    assert page.count("127.0.0.1") == 2
    here.post("/accounts/sessions/")
    assert [is_inside(client) for client in (here, elsewhere, of_another)] == [True, False, True]


def test_whoever_leaves_loses_sessions_and_tokens_at_once(asha: User) -> None:
    session, tokens = sign_in(), [make_api_client(asha), make_api_client(asha)]
    ended = end_access(asha, by=make_user(role=ADMIN))
    assert (ended.sessions, ended.tokens) == (1, 2)
    assert not is_inside(session)
    assert {api.get("/api/v1/incidents/").status_code for api in tokens} == {401}
    assert AuditEvent.objects.filter(kind="token.revoked").count() == 2


def test_an_account_that_is_not_active_has_neither(asha: User) -> None:
    session, api = sign_in(), make_api_client(asha)
    User.objects.filter(pk=asha.pk).update(is_active=False)
    assert not is_inside(session)
    assert api.get("/api/v1/incidents/").status_code == 401
    assert not is_inside(sign_in())


def test_an_admin_sees_every_token_and_ends_all_of_a_person_who_leaves(asha: User) -> None:
    for name in ("mail gateway", "nightly script"):
        create_token(asha, name=name, scopes=["incidents:read"])
    client = Client()
    client.force_login(make_user("chief", role=ADMIN, is_staff=True))
    page = client.get("/admin/incidents/apitoken/?q=asha").content.decode()
    assert "mail gateway" in page and "nightly script" in page
    chosen = {"action": "end_access", "_selected_action": [asha.pk]}
    answer = client.post("/admin/incidents/user/", chosen, follow=True)
    assert "Ended of asha: 0 sessions, 2 tokens" in answer.content.decode()
    assert not ApiToken.objects.filter(user=asha).exists()


def test_an_expired_token_is_refused_and_forgotten(asha: User) -> None:
    token, secret = create_token(asha, name="old", scopes=["incidents:read"])
    ApiToken.objects.filter(pk=token.pk).update(expiry=timezone.now())
    assert Client().get("/api/v1/incidents/", headers={"authorization": f"Token {secret}"}).status_code == 401
    assert not ApiToken.objects.filter(pk=token.pk).exists()


@pytest.mark.parametrize("address", ["/mine/", "/", "/preferences/", "/api/v1/incidents/", "/no-such-page/"])
def test_nothing_that_a_person_sees_is_kept(asha: User, address: str) -> None:
    told = sign_in().get(address)["Cache-Control"]
    assert "no-store" in told and "private" in told
    assert "no-store" in Client().get(address)["Cache-Control"]


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/mine/", "/no-such-page/", "/api/v1/incidents/"])
def test_no_other_site_shows_a_page_of_this_one_in_a_frame(asha: User, address: str) -> None:
    answer = sign_in().get(address)
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
