"""Entities: found by name, with their aggregates and history."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import EntityPane, FieldState, FirstSeen
from events.models.entity import SIGHTINGS, pane_key
from events.models.source import MOST_NUMBERS
from events.services.entity_page import EntityPage
from incidents.models import User
from tests.events.builders import make_detection, make_entity, make_events, make_source

pytestmark = pytest.mark.django_db


def listed(client: Client, **query: Any) -> list[str]:
    response = client.get(reverse("entities"), query)
    assert response.status_code == 200
    return [entity.name for entity in response.context["page"]]


def opened(client: Client, pk: int, **query: Any) -> EntityPage:
    page: EntityPage = client.get(reverse("entity", args=[pk]), query).context["page"]
    return page


def test_the_last_seen_come_first(client: Client, analyst: User) -> None:
    source = make_source()
    make_entity(source, "old", last_seen=timezone.now() - timedelta(days=1))
    make_entity(source, "new")
    assert listed(client) == ["new", "old"]


def test_a_part_of_the_name_and_a_source_find_an_entity(client: Client, analyst: User) -> None:
    web, mail = make_source("web"), make_source("mail")
    for source, name in ((web, "Asha.Khan"), (web, "bela"), (mail, "asha")):
        make_entity(source, name)
    assert sorted(listed(client, q="asha")) == ["Asha.Khan", "asha"]
    assert listed(client, q="asha", source="web") == ["Asha.Khan"]
    assert listed(client, q="nobody") == []


@pytest.mark.parametrize("query", [{"source": "none"}, {"q": "%"}, {"q": "' or 1=1 --"}, {"page": "x"}])
def test_no_search_breaks_the_page(client: Client, analyst: User, query: dict[str, str]) -> None:
    make_entity(make_source(), "asha")
    assert listed(client, **query) in ([], ["asha"])


def test_numbers_are_shown_in_the_units_of_the_events(client: Client, analyst: User) -> None:
    entity = make_entity(make_source(numbers=["bytes", "seconds"]), events=4)
    FieldState.objects.create(
        id=entity.pk * MOST_NUMBERS + 1, n=4, mean=2.5, m2=5.0, low=1.0, high=4.0, weight=2.0, decayed_sum=6.0,
        decayed_at=0.0,
    )  # fmt: skip
    FieldState.objects.create(
        id=entity.pk * MOST_NUMBERS, n=1, mean=7.0, m2=0.0, low=7.0, high=7.0, weight=0.0, decayed_sum=0.0,
        decayed_at=0.0,
    )  # fmt: skip
    first, second = opened(client, entity.pk).fields
    assert (first.name, first.n, first.deviation, first.decayed_mean) == ("bytes", 1, None, 7.0)
    assert (second.name, second.n, second.mean, second.low, second.high) == ("seconds", 4, 2.5, 1.0, 4.0)
    assert second.deviation == pytest.approx((5 / 3) ** 0.5)
    assert second.decayed_mean == 3.0


def test_the_rate_fades_with_the_time_since_the_last_event(client: Client, analyst: User) -> None:
    now = timezone.now().timestamp()
    source = make_source()
    fresh = make_entity(source, weight=10.0, decayed_at=now)
    stale = make_entity(source, weight=10.0, decayed_at=now - 3600)
    rates = [opened(client, one.pk).rate for one in (fresh, stale)]
    assert rates[1] == pytest.approx(rates[0] / 2, rel=0.01)


def test_the_history_ends_with_the_last_event_and_counts_by_its_own_time(client: Client, analyst: User) -> None:
    last = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
    entity = make_entity(make_source(), last_seen=last)
    minute = int(last.timestamp() // 60)
    for ago, events in ((0, 3), (59, 2), (60, 50), (24 * 60, 9)):
        EntityPane.objects.create(id=pane_key(entity.pk, minute - ago), events=events)
    hour = opened(client, entity.pk, hours=1)
    assert hour.history.values == [("11:31", 2), ("12:30", 3)]
    assert (hour.history.total, hour.history.last) == (5, "12:30")
    assert opened(client, entity.pk, hours=168).history.total == 64


def test_values_detections_and_events_of_the_entity_stand_on_its_page(client: Client, analyst: User) -> None:
    source = make_source()
    entity, other = make_entity(source, "asha"), make_entity(source, "bela")
    for number, one in enumerate((entity, other)):
        FirstSeen.objects.create(
            id=one.pk * SIGHTINGS + number, entity_id=one.pk, field="country", value=f"C{number}", at=timezone.now()
        )
        make_detection(one, f"unusual thing {number}")
    names = ["bytes", "bytes:z", "country:new_for_entity"]
    make_events(source, np.array([[900.0, 4.5, 1.0]]), names, entity=entity, fields={"message": "Signed in"})
    make_events(source, np.zeros((1, 3)), names, entity=other, fields={"message": "Somebody else"})
    page = opened(client, entity.pk)
    assert [one.value for one in page.first_seen] == ["C0"]
    assert [one.cause for one in page.detections] == ["unusual thing 0"]
    (line,) = page.events
    assert line.words == "Signed in"
    assert line.notable == ["bytes 4.5 standard deviations above its past", "country new for this entity"]


@pytest.mark.parametrize("hours", ["6", "x", "-1"])
def test_a_span_that_is_not_offered_is_not_there(client: Client, analyst: User, hours: str) -> None:
    entity = make_entity(make_source())
    assert client.get(reverse("entity", args=[entity.pk]), {"hours": hours}).status_code == 404


def test_a_name_is_never_markup(client: Client, analyst: User) -> None:
    entity = make_entity(make_source(), "<script>alert(1)</script>")
    for address in (reverse("entities"), reverse("entity", args=[entity.pk])):
        assert "<script>alert" not in client.get(address).content.decode()


def test_the_number_of_queries_does_not_grow(client: Client, analyst: User, queries_of: Callable[[str], int]) -> None:
    source = make_source()
    entity = make_entity(source)
    pages, lists = [], []
    for number in range(3):
        make_entity(make_source())
        make_detection(entity, f"cause {number}")
        make_events(source, np.zeros((2, 1)), ["bytes"], entity=entity)
        lists.append(queries_of(reverse("entities")))
        pages.append(queries_of(reverse("entity", args=[entity.pk])))
    assert (pages, lists) == ([pages[0]] * 3, [lists[0]] * 3)
    assert max(pages[0], lists[0]) <= 14
