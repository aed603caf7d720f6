"""Who may open the pages of the event stream."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import make_user
from tests.events.builders import make_dead_letter, make_detection, make_entity, make_events, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses() -> dict[str, str]:
    """Every page that people look at, of rows that are there."""
    source = make_source()
    entity = make_entity(source)
    (event,) = make_events(source, np.zeros((1, 1)), ["bytes"], entity=entity)
    make_dead_letter(source)
    of = {
        "source": source.pk, "source-scores": source.pk, "entity": entity.pk, "record": event.pk,
        "detection": make_detection(entity).pk,
    }  # fmt: skip
    lists = ["sources", "live", "entities", "detections", "dead-letters"]
    return {name: reverse(name) for name in lists} | {name: reverse(name, args=[pk]) for name, pk in of.items()}


def test_analysts_see_every_page(client: Client, addresses: dict[str, str]) -> None:
    client.force_login(make_user(role="analyst"))
    assert {name: client.get(address).status_code for name, address in addresses.items()} == dict.fromkeys(
        addresses, 200
    )


def test_reporters_are_refused_and_strangers_sign_in(client: Client, addresses: dict[str, str]) -> None:
    assert {client.get(address).status_code for address in addresses.values()} == {302}
    client.force_login(make_user(role="reporter"))
    assert {client.get(address).status_code for address in addresses.values()} == {403}


@pytest.mark.parametrize("name", ["source", "source-scores", "entity", "record", "detection"])
def test_what_is_not_there_is_404(client: Client, name: str) -> None:
    client.force_login(make_user(role="admin"))
    assert client.get(reverse(name, args=[999])).status_code == 404


@pytest.mark.parametrize(("role", "allowed"), [("analyst", False), ("lead", False), ("admin", True)])
def test_only_admins_change_sources_and_train(client: Client, role: str, allowed: bool) -> None:
    source = make_source()
    client.force_login(make_user(role=role))
    assert (client.get(reverse("source-new")).status_code == 200) is allowed
    assert (client.get(reverse("source-settings", args=[source.pk])).status_code == 200) is allowed
    assert (client.post(reverse("source-train", args=[source.pk])).status_code == 302) is allowed
    page = client.get(reverse("source", args=[source.pk])).content.decode()
    assert (reverse("source-settings", args=[source.pk]) in page) is allowed


@pytest.mark.parametrize(("role", "allowed"), [("analyst", False), ("lead", True)])
def test_only_leads_replay_and_discard(client: Client, role: str, allowed: bool) -> None:
    make_dead_letter(make_source())
    client.force_login(make_user(role=role))
    for name in ("dead-letters-replay", "dead-letters-discard"):
        assert (client.post(reverse(name)).status_code == 302) is allowed
    make_dead_letter(make_source())
    assert ("Replay all" in client.get(reverse("dead-letters")).content.decode()) is allowed


@pytest.mark.parametrize("name", ["dead-letters-replay", "dead-letters-discard"])
def test_what_changes_something_takes_post_alone(client: Client, name: str) -> None:
    client.force_login(make_user(role="lead"))
    assert client.get(reverse(name)).status_code == 405


def test_the_menu_leads_to_events_for_those_who_may(client: Client) -> None:
    client.force_login(make_user(role="analyst"))
    assert f'href="{reverse("sources")}"' in client.get("/").content.decode()
    client.force_login(make_user(role="reporter"))
    assert f'href="{reverse("sources")}"' not in client.get("/").content.decode()
