"""Language and time zone: chosen by a person, else by the browser and the server."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import User
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db
GERMAN = {"Accept-Language": "de-DE,de;q=0.9"}


@pytest.fixture
def user(client: Client) -> User:
    user = make_user()
    client.force_login(user)
    return user


def language_of(client: Client, **headers: str) -> str:
    page = client.get("/guide/", headers=headers).content.decode()
    return page.partition('<html lang="')[2].partition('"')[0]


def test_pages_come_in_the_language_that_the_browser_asks_for(client: Client) -> None:
    assert language_of(client) == "en"
    assert language_of(client, **GERMAN) == "de"
    assert language_of(client, **{"Accept-Language": "tlh"}) == "en"


def test_the_language_of_a_person_goes_before_that_of_the_browser(client: Client, user: User) -> None:
    client.post("/preferences/", {"language": "de", "time_zone": ""})
    assert language_of(client, **{"Accept-Language": "en"}) == "de"
    client.logout()
    assert language_of(client) == "en"


def test_without_an_account_the_footer_keeps_the_language_in_a_cookie(client: Client) -> None:
    assert 'action="/language/"' in client.get("/guide/").content.decode()
    assert client.post("/language/", {"language": "de", "next": "/guide/"}).url == "/guide/"
    assert language_of(client) == "de"
    assert client.post("/language/", {"language": "de", "next": "https://elsewhere.example/"}).url == "/"


def test_who_has_an_account_chooses_on_the_page_of_preferences(client: Client, user: User) -> None:
    assert 'action="/language/"' not in client.get("/guide/").content.decode()
    page = client.get("/preferences/").content.decode()
    assert '<optgroup label="Asia">' in page
    client.logout()
    assert 'name="time_zone"' not in client.get("/preferences/").content.decode()


def test_times_are_those_of_the_person_and_of_nobody_who_comes_after(client: Client, user: User) -> None:
    make_incident(reporter=user, created_at=dt.datetime(2026, 3, 1, 20, 0, tzinfo=dt.UTC))
    assert "1 March 2026, 20:00 UTC" in client.get("/mine/").content.decode()
    client.post("/preferences/", {"language": "", "time_zone": "Asia/Kathmandu"})
    assert "2 March 2026, 01:45 +0545" in client.get("/mine/").content.decode()
    Client().get("/guide/")
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.parametrize(
    "choice", [{"language": "tlh", "time_zone": ""}, {"language": "", "time_zone": "Mars/Olympus"}, {"time_zone": "\0"}]
)
def test_what_cannot_be_chosen_is_named_and_nothing_changes(client: Client, user: User, choice: dict[str, str]) -> None:
    response = client.post("/preferences/", choice)
    assert response.status_code == 200
    assert response.context["form"].errors
    user.refresh_from_db()
    assert (user.language, user.time_zone) == ("", "")


def test_a_zone_that_the_machine_no_longer_knows_gives_the_server_s(client: Client, user: User) -> None:
    User.objects.update(time_zone="Europe/Atlantis", language="xx")
    assert client.get("/mine/").status_code == 200
