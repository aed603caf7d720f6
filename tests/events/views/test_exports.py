"""Downloads of events and detections."""

import json
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import AuditEvent, User
from tests.builders import make_user
from tests.events.builders import make_detection, make_entity, make_events, make_source

pytestmark = pytest.mark.django_db
EVENTS, DETECTIONS = reverse("events-export"), reverse("detections-ocsf")


def body(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def test_events_are_streamed_as_a_file_and_noted(client: Client, analyst: User) -> None:
    source = make_source("web", numbers=["bytes"])
    make_events(source, np.ones((3, 1)), ["bytes"], decision="above")
    response = client.get(EVENTS, {"source": "web", "from": "2020-01-01", "decision": "above"})
    assert response.streaming
    assert response["Content-Disposition"] == 'attachment; filename="events.csv"'
    assert len(body(response).splitlines()) == 4
    noted = AuditEvent.objects.get(kind="events.exported")
    assert (noted.actor, noted.subject) == (analyst, "web")
    assert noted.detail["choice"] == {"since": "2020-01-01T00:00:00+00:00", "decision": "above"}


def test_detections_are_streamed_as_findings_and_noted(client: Client, analyst: User) -> None:
    entity = make_entity(make_source("web"))
    make_detection(entity), make_detection(entity, status="confirmed")
    response = client.get(DETECTIONS, {"status": "confirmed"})
    assert response["Content-Type"] == "application/x-ndjson"
    (finding,) = map(json.loads, body(response).splitlines())
    assert finding["status"] == "Resolved"
    assert AuditEvent.objects.get(kind="detections.exported").subject == "every source"


@pytest.mark.parametrize(
    ("address", "query", "word"),
    [
        (EVENTS, {"source": "none"}, "source"),
        (EVENTS, {"from": "yesterday"}, "from"),
        (EVENTS, {"from": "2026-01-02", "to": "2026-01-01"}, "earlier"),
        (EVENTS, {"decision": "odd"}, "decision"),
        (DETECTIONS, {"status": "odd"}, "status"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_not_noted(
    client: Client, analyst: User, address: str, query: dict[str, str], word: str
) -> None:
    response = client.get(address, query)
    assert response.status_code == 400
    assert word in response.content.decode()
    assert not AuditEvent.objects.filter(kind__endswith="exported").exists()


@pytest.mark.parametrize("address", [EVENTS, DETECTIONS])
def test_reporters_are_refused_strangers_sign_in_and_posts_are_not_taken(client: Client, address: str) -> None:
    assert client.get(address).status_code == 302
    client.force_login(make_user(role="reporter"))
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 405
    assert client.get(address, headers={"Sec-Purpose": "prefetch"}).status_code == 204
