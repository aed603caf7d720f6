"""A person's API tokens."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import ApiToken
from incidents.roles import ANALYST
from incidents.services.tokens import create_token
from tests.builders import make_user

pytestmark = pytest.mark.django_db


def wanted(**overrides: Any) -> dict[str, Any]:
    return {"name": "mail gateway", "scopes": ["incidents:file"], "days": 30} | overrides


def test_the_page_needs_an_account(client: Client) -> None:
    assert client.get("/tokens/").headers["Location"] == "/accounts/login/?next=/tokens/"
    assert client.post("/tokens/revoke/").headers["Location"].startswith("/accounts/login/")


def test_a_new_token_is_shown_once_and_stored_as_a_hash(client: Client) -> None:
    client.force_login(make_user())
    response = client.post("/tokens/", wanted())
    secret = response.context["secret"]
    assert secret in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert secret not in client.get("/tokens/").content.decode()
    token = ApiToken.objects.get()
    assert token.digest != secret
    assert (token.name, token.scopes) == ("mail gateway", ["incidents:file"])
    assert token.expiry and timedelta(days=29) < token.expiry - timezone.now() <= timedelta(days=30)


def test_the_token_opens_the_api(client: Client) -> None:
    client.force_login(make_user())
    secret = client.post("/tokens/", wanted(scopes=["incidents:read"])).context["secret"]
    answer = Client().get("/api/v1/incidents/", headers={"authorization": f"Token {secret}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"scopes": []}, {"scopes": ["everything"]}, {"days": 0}, {"days": 366}]
)
def test_what_is_wrong_is_said_and_no_token_is_made(client: Client, wrong: dict[str, Any]) -> None:
    client.force_login(make_user(role=ANALYST))
    response = client.post("/tokens/", wanted(**wrong))
    assert set(response.context["form"].errors) == set(wrong)
    assert not ApiToken.objects.exists()


def test_a_scope_that_would_allow_nothing_is_not_offered(client: Client) -> None:
    client.force_login(make_user())
    response = client.post("/tokens/", wanted(scopes=["incidents:label"]))
    assert "scopes" in response.context["form"].errors
    client.force_login(make_user(role=ANALYST))
    assert client.post("/tokens/", wanted(scopes=["incidents:label"])).context["secret"]


def test_a_token_ends_at_once(client: Client) -> None:
    user = make_user()
    token, secret = create_token(user, name="old", scopes=["incidents:read"])
    client.force_login(user)
    client.post("/tokens/revoke/", {"token": token.pk})
    assert Client().get("/api/v1/incidents/", headers={"authorization": f"Token {secret}"}).status_code == 401


@pytest.mark.parametrize("token", ["", "no-such-token", "a\0b", "x" * 200])
def test_a_token_that_is_not_there_is_not_found(client: Client, token: str) -> None:
    client.force_login(make_user())
    assert client.post("/tokens/revoke/", {"token": token}).status_code == 404


def test_nobody_sees_or_ends_the_token_of_another(client: Client) -> None:
    token, _ = create_token(make_user(), name="not yours", scopes=["incidents:read"])
    client.force_login(make_user())
    assert "not yours" not in client.get("/tokens/").content.decode()
    assert client.post("/tokens/revoke/", {"token": token.pk}).status_code == 404
    assert ApiToken.objects.count() == 1
