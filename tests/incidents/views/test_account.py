"""Sign-in, and a forgotten password with and without a mail server."""

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from tests.builders import make_user

pytestmark = pytest.mark.django_db
RESET = "/accounts/password/reset/"


def test_without_a_mail_server_a_forgotten_password_is_a_matter_for_an_admin(client: Client) -> None:
    sign_in = client.get("/accounts/login/").content.decode()
    assert RESET not in sign_in
    assert "Ask an admin for a new one" in sign_in
    page = client.get(RESET).content.decode()
    assert "Ask an admin for a new password" in page
    assert 'name="email"' not in page


def test_without_a_mail_server_nothing_claims_that_mail_was_sent(client: Client) -> None:
    make_user(email="asha@example.org")
    answer = client.post(RESET, {"email": "asha@example.org"})
    assert answer.status_code == 200
    assert "Ask an admin" in answer.content.decode()
    assert mail.outbox == []


def test_with_a_mail_server_a_new_password_comes_by_mail(client: Client, settings: Settings) -> None:
    settings.SENDS_MAIL = True
    make_user(email="asha@example.org")
    assert RESET in client.get("/accounts/login/").content.decode()
    assert 'name="email"' in client.get(RESET).content.decode()
    assert client.post(RESET, {"email": "asha@example.org"}).status_code == 302
    assert [message.to for message in mail.outbox] == [["asha@example.org"]]
