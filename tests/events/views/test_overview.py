"""All sources, side by side."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.models import EventSource, InboxBatch, SourceMinute
from events.services.source_page import SourceRow
from incidents.models import User
from tests.builders import make_version
from tests.events.builders import make_dead_letter, make_detection, make_entity, make_source

pytestmark = pytest.mark.django_db


def minute(source: EventSource, ago: int, **counts: Any) -> SourceMinute:
    at = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=ago)
    return SourceMinute.objects.create(source=source, minute=at, **counts)


def rows(client: Client) -> dict[str, SourceRow]:
    response = client.get(reverse("sources"))
    assert response.status_code == 200
    return {row.source.name: row for row in response.context["rows"]}


def test_without_a_source_the_page_says_how_to_send_a_first_event(client: Client, analyst: User) -> None:
    page = client.get(reverse("sources")).content.decode()
    assert "python manage.py ingest_events events.log --source my-first" in page
    assert "http://testserver/api/v1/events/?source=my-first" in page
    assert "events:write" in page


def test_a_source_shows_its_rate_now_and_what_became_of_the_last_hour(client: Client, analyst: User) -> None:
    source = make_source("firewall", created_at=timezone.now() - timedelta(days=1))
    minute(source, 1, received=600, dropped=100, refused=3, scored=497, above=5, lag_max=2.5)
    minute(source, 30, received=40, lag_max=99.0)
    minute(source, 90, received=7_000)
    row = rows(client)["firewall"]
    assert 600 / 300 <= row.flow.rate <= 600 / 240
    assert (row.flow.received, row.flow.dropped, row.flow.refused, row.flow.above) == (640, 100, 3, 5)
    assert row.flow.lag == 2.5
    assert (row.state, row.flow.history.highest, len(row.flow.history.values)) == ("ok", 600, 2)


def test_the_rate_of_a_new_source_is_over_the_time_that_it_is_there(client: Client, analyst: User) -> None:
    source = make_source("new", created_at=timezone.now() - timedelta(seconds=10))
    minute(source, 0, received=500)
    assert 30 < rows(client)["new"].flow.rate <= 50


def test_a_source_names_its_trouble_in_words(client: Client, analyst: User) -> None:
    make_source("broken", error="The folder cannot be read: Permission denied.")
    make_source("off", enabled=False)
    make_source("silent")
    assert {name: row.state for name, row in rows(client).items()} == {
        "broken": "failed",
        "off": "paused",
        "silent": "quiet",
    }
    page = client.get(reverse("sources")).content.decode()
    assert all(words in page for words in ("Permission denied", "Cannot fetch", "Switched off", "Quiet"))


def test_a_source_says_what_waits_for_people_and_workers(client: Client, analyst: User) -> None:
    source = make_source("busy")
    make_detection(make_entity(source))
    make_detection(make_entity(source), status="dismissed")
    make_dead_letter(source)
    make_dead_letter(source, state="replayed")
    InboxBatch.objects.create(source=source, key="a", digest="a", format="json", payload=b"x", lines=70)
    row = rows(client)["busy"]
    assert (row.open_detections, row.dead_letters, row.waiting_lines) == (1, 1, 70)


def test_a_source_says_which_detector_judges(client: Client, analyst: User) -> None:
    make_version(line="anomaly:trained", stage="champion")
    make_source("trained")
    minute(make_source("cold"), 1, received=5, scored=5)
    page = client.get(reverse("sources")).content.decode()
    assert rows(client)["trained"].champion is not None
    assert all(words in page for words in ("Detector in charge", "Cold start"))


def test_totals_are_over_all_sources(client: Client, analyst: User) -> None:
    for name in ("one", "two"):
        minute(make_source(name), 2, received=10, refused=1)
    totals = client.get(reverse("sources")).context["totals"]
    assert (totals.received, totals.refused) == (20, 2)


def test_the_number_of_queries_does_not_grow_with_the_sources(
    client: Client, analyst: User, queries_of: Callable[[str], int]
) -> None:
    counts = []
    for number in range(3):
        source = make_source()
        minute(source, number, received=1)
        make_detection(make_entity(source))
        make_dead_letter(source)
        counts.append(queries_of(reverse("sources")))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 13
