"""Detections: in tabs, with their evidence, and on the incident that they opened."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.models import Incident, User
from tests.builders import make_incident
from tests.events.builders import make_detection, make_entity, make_events, make_source

pytestmark = pytest.mark.django_db


def listed(client: Client, **query: Any) -> list[str]:
    response = client.get(reverse("detections"), query)
    assert response.status_code == 200
    return [detection.cause for detection in response.context["page"]]


def test_what_is_open_comes_first_and_tabs_count_the_rest(client: Client, analyst: User) -> None:
    entity = make_entity(make_source())
    for status in ("open", "confirmed", "dismissed"):
        make_detection(entity, status, status=status)
    assert listed(client) == listed(client, status="nonsense") == ["open"]
    assert listed(client, status="dismissed") == ["dismissed"]
    tabs = {name: count for name, _, count in client.get(reverse("detections")).context["tabs"]}
    assert tabs == {"open": 1, "confirmed": 1, "dismissed": 1, "all": 3}


def test_the_last_seen_come_first_and_a_source_filters(client: Client, analyst: User) -> None:
    now = timezone.now()
    web, mail = make_entity(make_source("web")), make_entity(make_source("mail"))
    make_detection(web, "old", last_seen=now - timedelta(hours=1))
    make_detection(web, "new")
    make_detection(mail, "other")
    assert listed(client, source="web") == ["new", "old"]
    assert sorted(listed(client, source="none")) == ["new", "old", "other"]


def test_a_row_names_entity_count_cause_and_incident(client: Client, analyst: User) -> None:
    incident = make_incident()
    make_detection(
        make_entity(make_source(), "asha"), "rule: Brute force", count=1234, explanation=[], incident=incident
    )
    page = client.get(reverse("detections")).content.decode()
    assert all(words in page for words in ("Rule: Brute force", "asha", "1,234", "A detection rule matched."))
    assert reverse("incident", args=[incident.pk]) in page


def test_a_detection_shows_its_sentences_events_and_when_they_were(client: Client, analyst: User) -> None:
    source = make_source()
    entity = make_entity(source)
    detection = make_detection(entity, explanation=["bytes 9: much more.", "country X: never seen."], count=3)
    at = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
    times = [at, at + timedelta(minutes=5), at + timedelta(minutes=5, seconds=20)]
    make_events(source, np.zeros((3, 1)), ["bytes"], entity=entity, detection=detection, at=times, decision="above")
    make_events(source, np.zeros((1, 1)), ["bytes"], entity=entity)
    response = client.get(reverse("detection", args=[detection.pk]))
    page = response.context["page"]
    assert len(page.events) == page.counted == 3
    assert page.history.values == [("12:00:00", 1), ("12:05:00", 1), ("12:05:15", 1)]
    assert all(sentence in response.content.decode() for sentence in detection.explanation)


def test_events_of_a_large_detection_are_bounded_and_it_says_so(client: Client, analyst: User) -> None:
    source = make_source()
    entity = make_entity(source)
    detection = make_detection(entity, count=40)
    make_events(source, np.zeros((40, 1)), ["bytes"], entity=entity, detection=detection)
    response = client.get(reverse("detection", args=[detection.pk]))
    assert len(response.context["page"].events) == 20
    assert "The newest 20 of 40." in response.content.decode()


def test_an_open_detection_leads_to_the_verdict(client: Client, analyst: User) -> None:
    incident = make_incident(status=Incident.Status.CLASSIFIED)
    entity = make_entity(make_source())
    open_one = make_detection(entity, incident=incident)
    closed = make_detection(entity, incident=incident, status="confirmed")
    review = reverse("review-report", args=[incident.pk])
    assert review in client.get(reverse("detection", args=[open_one.pk])).content.decode()
    assert review not in client.get(reverse("detection", args=[closed.pk])).content.decode()


def test_the_detections_behind_an_incident_stand_on_its_pages(client: Client, analyst: User) -> None:
    incident = make_incident(status=Incident.Status.CLASSIFIED)
    detection = make_detection(make_entity(make_source(), "asha"), "unusual bytes", incident=incident, count=7)
    for name in ("incident", "review-report"):
        page = client.get(reverse(name, args=[incident.pk])).content.decode()
        assert "Detections behind it" in page
        assert reverse("detection", args=[detection.pk]) in page
        assert "bytes 9: much more." in page


def test_a_report_of_a_person_shows_no_evidence(client: Client, analyst: User) -> None:
    incident = make_incident(status=Incident.Status.CLASSIFIED)
    for name in ("incident", "review-report"):
        assert "Detections behind it" not in client.get(reverse(name, args=[incident.pk])).content.decode()


def test_very_many_detections_of_an_incident_are_bounded(client: Client, analyst: User) -> None:
    incident = make_incident()
    source = make_source()
    for _ in range(23):
        make_detection(make_entity(source), incident=incident)
    assert "And 3 more." in client.get(reverse("incident", args=[incident.pk])).content.decode()


def test_the_number_of_queries_does_not_grow(client: Client, analyst: User, queries_of: Callable[[str], int]) -> None:
    source = make_source()
    detection = make_detection(make_entity(source), incident=make_incident())
    queries_of(reverse("detections"))  # what is looked up once a minute is not counted
    lists, pages = [], []
    for _ in range(3):
        make_detection(make_entity(make_source()), incident=make_incident())
        make_events(source, np.zeros((2, 1)), ["bytes"], entity=detection.entity, detection=detection)
        lists.append(queries_of(reverse("detections")))
        pages.append(queries_of(reverse("detection", args=[detection.pk])))
    assert (lists, pages) == ([lists[0]] * 3, [pages[0]] * 3)
    assert max(lists[0], pages[0]) <= 11
