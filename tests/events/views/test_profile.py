"""The profile of a source's events."""

from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from events.services import detectors
from incidents.models import User
from tests.builders import make_user
from tests.events.builders import make_detection, make_entity, make_events, make_source
from tests.events.filter_rows import make_filter
from tests.events.services.detector_rows import NAMES, numbers

pytestmark = pytest.mark.django_db
URL = reverse("events-profile")


@pytest.fixture(autouse=True)
def _nothing_known() -> None:
    detectors.forget()


def text_of(client: Client, **query: str) -> str:
    response = client.get(URL, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_it_shows_fields_filters_and_kinds_of_detections(client: Client, analyst: User) -> None:
    source, quiet = make_source("web"), make_filter(name="Quiet")
    entity = make_entity(source)
    fields = [{"bytes": number, "event.action": "<b>read</b>"} for number in range(300)]
    make_events(source, numbers(300), NAMES, entity=entity, fields=fields)
    make_events(source, np.zeros((9, 3)), NAMES, entity=entity, decision="filtered", filter=quiet)
    for _ in range(5):
        make_detection(make_entity(source), "rule: Brute force", template="Failed password for <*>")
    page = text_of(client, source="web")
    assert "9 of 9</span> not above the threshold" in page
    assert "It is not the share that is harmless" in page
    assert "Failed password for &lt;*&gt;" in page
    assert "&lt;b&gt;read&lt;/b&gt;" in page
    assert 'aria-label="Events, from 0 to' in page
    assert " style=" not in page


def test_without_a_choice_the_first_source_is_shown(client: Client, analyst: User) -> None:
    make_events(make_source("b"), np.zeros((1, 1)), ["x"])
    make_events(make_source("a"), np.zeros((1, 1)), ["x"])
    response = client.get(URL)
    assert response.context["source"].name == "a"


def test_what_is_missing_is_said(client: Client, analyst: User) -> None:
    assert "There is no source yet" in text_of(client)
    make_source("new")
    assert "This source has no event yet" in text_of(client)
    assert "Select a valid choice" in text_of(client, source="none")


def test_the_number_of_queries_does_not_grow_with_rows(
    client: Client, analyst: User, queries_of: Callable[[str], int]
) -> None:
    source, entity = make_source("web"), None
    counts = []
    for _ in range(2):
        entity = entity or make_entity(source)
        make_events(source, np.ones((5, 3)), NAMES, entity=entity, decision="filtered", filter=make_filter())
        make_detection(make_entity(source))
        counts.append(queries_of(URL))
    assert counts[1] <= counts[0] + 2  # of each filter: its sample, and verdicts on it


def test_reporters_are_refused_and_strangers_sign_in(client: Client) -> None:
    assert client.get(URL).status_code == 302
    client.force_login(make_user(role="reporter"))
    assert client.get(URL).status_code == 403
