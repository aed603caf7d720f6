"""Robots that fill in forms: asked once more, as a person would be, and told nothing."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from incidents.forms.robots import seconds_since, timed_key
from incidents.models import Incident, Setting, User
from tests.builders import make_user

pytestmark = pytest.mark.django_db
AGAIN = "Look it over and press the button again"


def sent(**overrides: Any) -> dict[str, Any]:
    return {"title": "T", "text": "Money is gone.", "currency": "INR", "key": str(uuid4())} | overrides


def opened(seconds_ago: float) -> str:
    return str(UUID(int=timed_key().int - (round(seconds_ago * 1000) << 80)))


def test_the_form_has_a_field_that_no_person_meets(client: Client) -> None:
    page = client.get("/file/").content.decode()
    assert '<div class="visually-hidden" aria-hidden="true">' in page
    assert 'name="website" tabindex="-1" autocomplete="off"' in page
    assert 'name="website"' in client.get("/accounts/signup/").content.decode()


def test_what_a_robot_sends_is_not_filed_and_the_form_comes_back_with_the_words(client: Client) -> None:
    page = client.post("/file/", sent(website="https://cheap.example")).content.decode()
    assert AGAIN in page and "Money is gone." in page
    assert "cheap.example" not in page
    assert not Incident.objects.exists()


def test_whoever_files_faster_than_a_person_reads_is_asked_once_more(client: Client) -> None:
    key = client.get("/file/").context["form"]["key"].value()
    assert AGAIN in client.post("/file/", sent(key=str(key))).content.decode()
    Setting.objects.create(key="filing_seconds", value=0)
    assert client.post("/file/", sent(key=str(key))).status_code == 302


@pytest.mark.parametrize(("seconds", "filed"), [(1.0, False), (2.5, True), (86_400.0, True)])
def test_time_counts_from_when_the_form_was_opened(client: Client, seconds: float, filed: bool) -> None:
    assert (client.post("/file/", sent(key=opened(seconds))).status_code == 302) is filed


def test_a_person_with_an_account_is_never_taken_for_one(client: Client) -> None:
    client.force_login(make_user())
    assert client.post("/file/", sent(key=opened(0), website="filled in by the browser")).status_code == 302


def test_nobody_signs_up_with_the_trap_filled_in(client: Client) -> None:
    form = {"username": "bot", "password1": "correct horse battery", "password2": "correct horse battery"}
    assert AGAIN in client.post("/accounts/signup/", form | {"website": "x"}).content.decode()
    assert not User.objects.filter(username="bot").exists()
    assert client.post("/accounts/signup/", form).status_code == 302
    assert User.objects.get(username="bot").role == "reporter"


def test_a_key_tells_its_age_and_another_kind_tells_none() -> None:
    keys = {timed_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(0 <= (seconds_since(key) or 0) < 5 for key in keys)
    assert seconds_since(uuid4()) is None
    assert seconds_since(UUID(opened(60))) == pytest.approx(60, abs=5)
