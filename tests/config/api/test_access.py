"""Tokens, sessions, and the answers that no view gives."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.models import ApiToken
from incidents.services.tokens import revoke_token
from tests.builders import make_api_client, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/incidents/"


def test_a_revoked_token_opens_nothing():
    user = make_user()
    client = make_api_client(user)
    assert client.get(URL).status_code == 200
    revoke_token(ApiToken.objects.get(), by=user)
    assert client.get(URL).status_code == 401


def test_a_token_that_ran_out_opens_nothing():
    client = make_api_client(make_user())
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert client.get(URL).status_code == 401


def test_the_token_of_an_account_that_was_closed_opens_nothing():
    user = make_user()
    client = make_api_client(user)
    user.is_active = False
    user.save()
    assert client.get(URL).status_code == 401


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token \xff\xfe", "Token wrong", "Token \u00e9t\u00e9"])
def test_what_is_no_token_is_401_and_no_crash(header):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    answer = client.get(URL)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert answer.json()["detail"]


def test_an_unknown_address_is_404_as_json():
    answer = Client().get("/api/v1/incident")
    assert answer.status_code == 404
    assert "/api/docs/" in answer.json()["detail"]


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_a_method_that_is_not_there_is_405(method):
    assert getattr(make_api_client(make_user()), method)(URL).status_code == 405


def test_a_session_reads_the_api_without_a_token():
    client = Client()
    client.force_login(make_user())
    assert client.get(URL).status_code == 200
