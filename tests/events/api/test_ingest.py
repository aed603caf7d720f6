"""Events over HTTP: accepted at once, whatever their form; refused with what to do."""

import json

import pytest
from rest_framework.test import APIClient

from events.api.ingest import MOST_BYTES
from events.models import InboxBatch
from events.services.inbox import MOST_LINES
from incidents.roles import ANALYST, LEAD, REPORTER
from tests.builders import make_api_client, make_user
from tests.events.builders import make_source
from tests.events.streams import session

pytestmark = pytest.mark.django_db
URL = "/api/v1/events/?source=sshd"
NDJSON = "application/x-ndjson"


@pytest.fixture
def client():
    make_source("sshd")
    return make_api_client(make_user(role=LEAD), "events:write")


def send(client, body, content_type=NDJSON, url=URL, **headers):
    return client.generic("POST", url, body, content_type=content_type, **headers)


def ndjson(*events):
    return "\n".join(json.dumps(event) for event in events)


@pytest.mark.parametrize(
    ("body", "content_type", "lines"),
    [
        (ndjson(session(), session("bob")), NDJSON, 2),
        (json.dumps([session(), session("bob"), session()]), "application/json", 3),
        (json.dumps(session()), "application/json", 1),
        ("user,failed\nalice,1\nbob,2\n", "text/csv", 3),
        ("Dec 10 06:55:46 host sshd[24200]: Failed password for root from 10.0.0.1 port 22 ssh2\r\n", "text/plain", 1),
    ],
)
def test_events_of_any_form_are_accepted_at_once(client, body, content_type, lines):
    answer = send(client, body, content_type)
    assert answer.status_code == 202, answer.content
    assert answer.json() == {"batch": InboxBatch.objects.get().pk, "lines": lines, "repeated": False}


def test_a_key_makes_a_repeated_batch_the_same_one_and_another_batch_a_conflict(client):
    first = send(client, ndjson(session()), HTTP_IDEMPOTENCY_KEY="k")
    again = send(client, ndjson(session()), HTTP_IDEMPOTENCY_KEY="k")
    assert again.json() == first.json() | {"repeated": True}
    assert send(client, ndjson(session("bob")), HTTP_IDEMPOTENCY_KEY="k").status_code == 409
    assert InboxBatch.objects.count() == 1


def test_an_array_nested_too_deeply_is_refused(client):
    answer = send(client, "[" + "[" * 300 + "]" * 300 + "]", "application/json")
    assert answer.status_code == 400
    assert "nested too deeply" in answer.content.decode()


def test_without_a_key_every_batch_is_a_new_one(client):
    send(client, ndjson(session()))
    send(client, ndjson(session()))
    assert InboxBatch.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        ("", NDJSON, "empty"),
        (" \n ", NDJSON, "empty"),
        ("[]", "application/json", "empty"),
        ('[{"a": 1}, {"b"', "application/json", "cannot be read"),
        ('[{"a": NaN}]', "application/json", "cannot be read"),
        ("\n".join(['{"a": 1}'] * (MOST_LINES + 1)), NDJSON, "Split it"),
        ("\x00\x01 what is this", "text/plain", "format"),
    ],
)
def test_a_body_without_events_is_refused_with_what_to_do(client, body, content_type, words):
    answer = send(client, body, content_type)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert not InboxBatch.objects.exists()


def test_limits_of_bytes_keys_formats_and_sources(client):
    assert send(client, "x" * (MOST_BYTES + 1)).status_code == 413
    assert send(client, ndjson(session()), HTTP_IDEMPOTENCY_KEY="k" * 200).status_code == 400
    assert send(client, ndjson(session()), url=f"{URL}&format=nonsense").status_code == 400
    assert send(client, ndjson(session()), url="/api/v1/events/?source=nothing").status_code == 404
    assert send(client, ndjson(session()), url="/api/v1/events/?source=%00").status_code == 404
    assert send(client, ndjson(session()), "image/png").status_code == 415


def test_a_source_that_is_off_takes_nothing(client):
    make_source("off", enabled=False)
    answer = send(client, ndjson(session()), url="/api/v1/events/?source=off")
    assert answer.status_code == 409 and "switched off" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [
        (LEAD, "events:write", 202),
        (LEAD, "incidents:file", 403),
        (ANALYST, "events:write", 403),
        (REPORTER, "events:write", 403),
    ],
)
def test_it_takes_the_permission_and_the_scope(role, scope, status):
    make_source("sshd")
    assert send(make_api_client(make_user(role=role), scope), ndjson(session())).status_code == status


def test_nobody_without_an_account():
    make_source("sshd")
    assert send(APIClient(), ndjson(session())).status_code == 401
