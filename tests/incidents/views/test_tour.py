"""The tour of the first sign-in."""

import pytest
from django.test import Client

from incidents.models import User
from incidents.roles import ADMIN, ANALYST, REPORTER
from tests.builders import make_user

pytestmark = pytest.mark.django_db


def newcomer(client: Client, role: str = REPORTER) -> User:
    user = make_user(role=role, toured_at=None)
    client.force_login(user)
    return user


def test_the_first_page_after_the_first_sign_in_is_the_tour_once(client: Client) -> None:
    newcomer(client)
    assert client.get("/").url == "/tour/"
    assert client.get("/").status_code == 200


def test_it_comes_again_with_the_next_sign_in_until_it_is_read_or_skipped(client: Client) -> None:
    user = newcomer(client)
    client.get("/")
    client.force_login(user)
    client.logout()
    client.force_login(user)
    assert client.get("/").url == "/tour/"
    assert client.post("/tour/done/").url == "/"
    client.logout()
    client.force_login(user)
    assert client.get("/").status_code == 200


def test_a_link_to_another_page_is_never_led_away(client: Client) -> None:
    newcomer(client, ANALYST)
    assert [client.get(page).status_code for page in ("/queue/", "/mine/", "/guide/")] == [200, 200, 200]
    assert client.get("/").url == "/tour/"


def test_who_is_not_signed_in_gets_no_tour(client: Client) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/tour/").url.startswith("/accounts/login/")
    assert client.get("/tour/done/").status_code == 405


@pytest.mark.parametrize(
    ("role", "there", "missing"),
    [(REPORTER, "/mine/", "/review/"), (ANALYST, "/review/", "/settings/"), (ADMIN, "/settings/", "/no-such/")],
)
def test_it_shows_what_the_role_can_do_and_every_step_can_be_opened(
    client: Client, role: str, there: str, missing: str
) -> None:
    newcomer(client, role)
    response = client.get("/tour/")
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    assert f'href="{there}"' in main
    assert f'href="{missing}"' not in main
    pages = [part.partition('"')[0] for part in main.split('<a href="')[1:]]
    assert len(pages) >= 4
    assert {client.get(page, follow=True).status_code for page in pages} == {200}


def test_it_is_found_again_in_the_menu_of_the_account(client: Client) -> None:
    client.force_login(make_user())
    assert 'href="/tour/"' in client.get("/guide/").content.decode()
