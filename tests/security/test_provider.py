"""Sign-in by an OpenID Connect provider: the whole way through a real one, and no way into somebody else's account."""

from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django import Settings

from incidents.models import Setting, User
from incidents.roles import ADMIN, REPORTER
from tests.builders import PASSWORD, make_user
from tests.security.conftest import Become

pytestmark = pytest.mark.django_db
START = "/accounts/oidc/sso/login/"
ASHA = {"email": "asha@example.org", "email_verified": True, "name": "Asha Rao", "preferred_username": "asha"}


class StayHere(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def through(client: Client, process: str = "login") -> Any:
    """What the browser gets that is sent to the provider and comes back."""
    there = client.post(f"{START}?process={process}")["Location"]
    try:
        build_opener(StayHere).open(there)
    except HTTPError as answer:
        back = urlsplit(answer.headers["Location"])
    return client.get(f"{back.path}?{back.query}", follow=True)


def who(client: Client) -> User | None:
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def test_the_page_of_sign_in_offers_it_by_its_name(provider: Become) -> None:
    assert "Sign in with Example ID" in Client().get("/accounts/login/").content.decode()


def test_without_one_nothing_is_offered_and_its_address_is_none(client: Client) -> None:
    assert "oidc" not in client.get("/accounts/login/").content.decode()
    assert client.post(START).status_code == 404


def test_a_new_person_becomes_a_reporter_even_where_sign_up_is_closed(provider: Become) -> None:
    Setting.objects.create(key="open_sign_up", value=False)
    provider(**ASHA)
    client = Client()
    assert through(client).status_code == 200
    user = who(client)
    assert user and (user.username, user.email, user.role, user.is_staff) == ("asha", ASHA["email"], REPORTER, False)
    assert not user.has_usable_password()


def test_they_are_the_same_person_next_time_whatever_their_address_is_now(provider: Become) -> None:
    provider(**ASHA)
    first, second = Client(), Client()
    through(first)
    provider(**ASHA | {"email": "asha.new@example.org"})
    through(second)
    assert who(first) == who(second)
    assert User.objects.count() == 1


@pytest.mark.parametrize("verified", [True, False])
def test_an_account_that_is_there_is_not_taken_over_by_its_address(provider: Become, verified: bool) -> None:
    victim = make_user("victim", role=ADMIN, email=str(ASHA["email"]))
    EmailAddress.objects.create(user=victim, email=ASHA["email"], verified=True, primary=True)
    provider(**ASHA | {"email_verified": verified})
    client = Client()
    through(client)
    assert who(client) != victim
    assert not SocialAccount.objects.filter(user=victim).exists()


def test_an_address_that_is_not_verified_is_not_kept(provider: Become) -> None:
    provider(**ASHA | {"email_verified": False})
    client = Client()
    through(client)
    user = who(client)
    assert user and user.email == "" and not EmailAddress.objects.exists()


def test_whoever_has_an_account_ties_the_provider_to_it_and_signs_in_by_it(provider: Become) -> None:
    user = make_user("rao")
    provider(**ASHA)
    client, next_time = Client(), Client()
    client.post("/accounts/login/", {"login": "rao", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    through(client, "connect")
    through(next_time)
    assert who(next_time) == user
    assert User.objects.count() == 1


def test_an_answer_that_nobody_asked_for_signs_nobody_in(provider: Become) -> None:
    client = Client()
    answer = client.get(f"{START}callback/?code=x&state=made-up")
    assert answer.status_code in {401, 403} and who(client) is None


def test_an_admin_by_the_provider_shows_a_second_factor_here(provider: Become, settings: Settings) -> None:
    provider(**ASHA)
    through(Client())
    User.objects.update(is_staff=True)
    settings.MFA_FOR_ADMINS = True
    client = Client()
    through(client)
    assert client.get("/settings/")["Location"] == "/accounts/second-factor/"
