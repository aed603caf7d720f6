"""The page on which people change their keys."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import User
from incidents.shortcuts import ACTIONS
from tests.builders import make_incident, make_path, make_user

pytestmark = pytest.mark.django_db
PAGE = "/shortcuts/"


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


def keys(**changed: str) -> dict[str, str]:
    return {name: action.key for name, action in ACTIONS.items()} | changed


def test_only_those_who_review_have_keys(client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    client.force_login(make_user())
    assert client.get(PAGE).status_code == 403
    assert client.post(reverse("reset-shortcuts")).status_code == 403


def test_a_changed_key_stands_on_the_button_of_the_review_page(client: Client, analyst: User) -> None:
    make_path("Fraud", "Card")
    client.post(PAGE, keys(reject="J"))
    analyst.refresh_from_db()
    assert analyst.shortcuts == {"reject": "j"}
    report = make_incident(status="classified")
    body = client.get(reverse("review-report", args=[report.pk])).content.decode()
    assert 'data-shortcut="j"' in body and "<kbd>j</kbd>" in body and 'data-shortcut="x"' not in body


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reject": "n"}, "is also the key of"),
        ({"reject": "1"}, "has a meaning of its own"),
        ({"reject": "?"}, "has a meaning of its own"),
        ({"reject": "ab"}, "Write one character"),
        ({"reject": ""}, "Every action needs a key"),
        ({"reject": "F12"}, "Write one character"),
    ],
)
def test_keys_that_cannot_be_are_refused_in_a_sentence(
    client: Client, analyst: User, changed: dict[str, str], said: str
) -> None:
    assert said in client.post(PAGE, keys(**changed)).content.decode()
    analyst.refresh_from_db()
    assert analyst.shortcuts == {}


def test_two_actions_may_change_places(client: Client, analyst: User) -> None:
    client.post(PAGE, keys(reject="s", skip="x"))
    analyst.refresh_from_db()
    assert analyst.shortcuts == {"reject": "s", "skip": "x"}


def test_the_keys_can_be_as_they_were_at_first(client: Client, analyst: User) -> None:
    client.post(PAGE, keys(confirm="y"))
    client.post(reverse("reset-shortcuts"))
    analyst.refresh_from_db()
    assert analyst.shortcuts == {}


def test_what_is_stored_wrongly_breaks_no_page(client: Client, analyst: User) -> None:
    User.objects.update(shortcuts=["x"])
    assert client.get(PAGE).status_code == 200
