"""The live list: readable however much comes, and honest about what it leaves out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import Event, EventSource
from events.services.live_page import SHOWN, LivePage
from incidents.models import User
from tests.events.builders import make_entity, make_events, make_source

pytestmark = pytest.mark.django_db
Decision = Event.Decision


def come(source: EventSource, decision: str, number: int, **overrides: Any) -> list[Event]:
    return make_events(source, np.zeros((number, 1)), ["bytes"], decision=decision, **overrides)


def look(client: Client, **query: Any) -> LivePage:
    response = client.get(reverse("live"), query)
    assert response.status_code == 200
    page: LivePage = response.context["page"]
    return page


def shown(page: LivePage) -> list[str]:
    return [line.event.decision for line in page.lines]


def test_few_events_are_all_shown_the_newest_first(client: Client, analyst: User) -> None:
    events = come(make_source(), Decision.ORDINARY, 3)
    page = look(client)
    assert [line.event.pk for line in page.lines] == [event.pk for event in reversed(events)]
    assert (page.total, page.sampled) == (3, False)
    assert "3 new in the last 2 s" in client.get(reverse("live")).content.decode()


def test_many_events_are_sampled_with_all_that_is_flagged_first_and_it_says_so(client: Client, analyst: User) -> None:
    source = make_source()
    come(source, Decision.ABOVE, 3)
    come(source, Decision.PICKED, 1)
    come(source, Decision.ORDINARY, 120)
    come(source, Decision.FILTERED, 80)
    page = look(client)
    kinds = shown(page)
    assert len(kinds) == SHOWN
    assert kinds.count("above") + kinds.count("picked") == 4
    assert kinds.count("ordinary") >= 10 <= 2 * kinds.count("filtered")
    text = " ".join(client.get(reverse("live")).content.decode().split())
    assert "Showing 30 of 204 in the last 2 s:" in text
    assert "4 of 4 above the threshold or picked, " in text


def test_more_flagged_ones_than_there_is_room_for_are_counted(client: Client, analyst: User) -> None:
    come(make_source(), Decision.ABOVE, 50)
    page = look(client)
    first = page.groups[0]
    assert (first.name, first.total, first.shown) == ("flagged", 50, SHOWN)


def test_a_refresh_goes_on_where_the_last_look_ended(client: Client, analyst: User) -> None:
    source = make_source()
    come(source, Decision.ORDINARY, 5)
    first = look(client)
    come(source, Decision.ORDINARY, 2)
    page = look(client, after=first.newest, since=first.since)
    assert (page.total, len(page.lines)) == (2, 7)
    assert len(page.fresh) == 2


def test_old_events_fill_the_list_but_are_not_called_new(client: Client, analyst: User) -> None:
    come(make_source(), Decision.ORDINARY, 2, received_at=timezone.now() - timedelta(hours=1))
    page = look(client)
    assert (page.total, len(page.lines)) == (0, 2)
    assert "Nothing new in the last 2 s" in client.get(reverse("live")).content.decode()


def test_filters_of_source_decision_and_words_stand_in_the_address(client: Client, analyst: User) -> None:
    source, other = make_source("web"), make_source("mail")
    wanted = come(source, Decision.FILTERED, 1, fields={"message": "Backup of Kettle done"})[0]
    come(source, Decision.FILTERED, 1, fields={"message": "Heartbeat"})
    come(source, Decision.ORDINARY, 1, fields={"message": "Backup of Kettle done"})
    come(other, Decision.FILTERED, 1, fields={"message": "Backup of Kettle done"})
    page = look(client, source="web", decision="dropped", q="kettle")
    assert [line.event.pk for line in page.lines] == [wanted.pk]


def test_the_name_of_an_entity_is_found_too(client: Client, analyst: User) -> None:
    source = make_source()
    (event,) = come(source, Decision.ORDINARY, 1, entity=make_entity(source, "asha.khan"))
    come(source, Decision.ORDINARY, 1)
    assert [line.event.pk for line in look(client, q="ASHA").lines] == [event.pk]


@pytest.mark.parametrize(
    "query", [{"source": "none"}, {"decision": "x"}, {"after": "-1"}, {"after": 10**30}, {"since": "nan"}, {"q": "\0"}]
)
def test_a_filter_that_cannot_be_read_is_said_and_breaks_nothing(
    client: Client, analyst: User, query: dict[str, Any]
) -> None:
    come(make_source(), Decision.ORDINARY, 1)
    assert look(client, **query).lines


def test_htmx_gets_the_list_alone(client: Client, analyst: User) -> None:
    page = client.get(reverse("live"), headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<div id="live"')
    assert "<html" not in page


def test_events_are_never_markup(client: Client, analyst: User) -> None:
    come(make_source(), Decision.ORDINARY, 1, fields={"message": "<img src=x onerror=alert(1)>"})
    assert "<img src=x" not in client.get(reverse("live")).content.decode()


def test_the_number_of_queries_does_not_grow(client: Client, analyst: User, queries_of: Callable[[str], int]) -> None:
    source = make_source()
    counts = []
    for number in (5, 40, 200):
        come(source, Decision.ORDINARY, number)
        counts.append(queries_of(reverse("live")))
    assert max(counts) <= 12
    assert counts[1] == counts[2]
