"""Detections over HTTP: listed, filtered, read; by people and tokens that may."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.roles import ANALYST, REPORTER
from tests.builders import make_api_client, make_decided, make_incident, make_path, make_user
from tests.events.builders import make_detection, make_entity, make_source

pytestmark = pytest.mark.django_db
URL = "/api/v1/detections/"


@pytest.fixture
def client():
    return make_api_client(make_user(role=ANALYST), "events:read")


def test_a_detection_is_told_with_entity_source_and_incident(client):
    incident = make_incident()
    detection = make_detection(make_entity(make_source("sshd"), "asha"), "rule: Brute force", incident=incident)
    told = client.get(f"{URL}{detection.pk}/").json()
    assert told["entity"] == {"kind": "user.name", "name": "asha"}
    assert (told["source"], told["cause"], told["incident"]) == ("sshd", "rule: Brute force", incident.pk)
    assert (told["count"], told["score"], told["status"]) == (1, 0.8, "open")
    assert told["explanation"] == ["bytes 9: much more."]


def test_the_verdict_on_its_incident_is_told_once_there_is_one(client):
    entity = make_entity(make_source())
    alone, waiting = make_detection(entity), make_detection(entity, incident=make_incident())
    judged = make_detection(entity, incident=make_decided(make_path()))
    told = {one["id"]: one["verdict"] for one in client.get(URL).json()["results"]}
    assert told == {alone.pk: None, waiting.pk: None, judged.pk: "confirm"}


def test_the_newest_come_first_and_filters_hold(client):
    web, mail = make_entity(make_source("web")), make_entity(make_source("mail"))
    first, second = make_detection(web, status="confirmed"), make_detection(web)
    third = make_detection(mail)

    def listed(**query):
        return [one["id"] for one in client.get(URL, query).json()["results"]]

    assert listed() == [third.pk, second.pk, first.pk]
    assert listed(source="web") == [second.pk, first.pk]
    assert listed(status=["confirmed", "dismissed"]) == [first.pk]
    assert listed(source="none") == []
    assert client.get(URL, {"status": "odd"}).status_code == 400


def test_the_number_of_queries_does_not_grow_with_rows(client):
    entity = make_entity(make_source())
    make_detection(entity, incident=make_incident())
    with CaptureQueriesContext(connection) as one:
        client.get(URL)
    for _ in range(5):
        make_detection(entity, incident=make_decided(make_path()))
    with CaptureQueriesContext(connection) as six:
        assert len(client.get(URL).json()["results"]) == 6
    assert len(six) == len(one)


def test_pages_follow_each_other(client):
    entity = make_entity(make_source())
    made = [make_detection(entity).pk for _ in range(3)]
    page = client.get(URL, {"page_size": 2}).json()
    assert [one["id"] for one in page["results"]] == made[:0:-1]
    assert [one["id"] for one in client.get(page["next"]).json()["results"]] == made[:1]


@pytest.mark.parametrize(
    ("role", "scope", "status"), [(ANALYST, "incidents:read", 403), (REPORTER, "events:read", 403)]
)
def test_it_needs_the_permission_and_the_scope(role, scope, status):
    client = make_api_client(make_user(role=role), scope)
    assert client.get(URL).status_code == status
    assert client.get(f"{URL}1/").status_code == status


def test_what_is_not_there_is_404(client):
    assert client.get(f"{URL}999/").status_code == 404
