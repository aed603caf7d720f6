"""POST /api/v1/incidents/"""

import json

import pytest
from django.test import Client

from incidents.models import Incident
from tests.builders import PASSWORD, TEXT, make_api_client, make_user
from workers.models import Job

pytestmark = pytest.mark.django_db
URL = "/api/v1/incidents/"


def test_a_filed_report_comes_back_with_its_address_and_waits_for_a_worker():
    user = make_user()
    answer = make_api_client(user).post(URL, {"title": "Call", "text": TEXT, "money_lost": "5000"}, "json")
    incident = Incident.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"{URL}{incident.pk}/"
    assert answer.json()["text"] == TEXT
    assert answer.json()["status"] == "new"
    assert answer.json()["money_lost"] == "5000.00"
    assert answer.json()["prediction"] is None
    assert answer.json()["decision"] is None
    assert (incident.reporter, incident.source) == (user, Incident.Source.API)
    job = Job.objects.get(kind="classify")
    assert (job.kind, job.object_id, job.priority) == ("classify", incident.pk, Job.Priority.API)


def test_the_same_key_files_once_and_refuses_another_report():
    client = make_api_client(make_user())
    key = {"HTTP_IDEMPOTENCY_KEY": "k1"}
    first = client.post(URL, {"text": TEXT}, "json", **key)
    again = client.post(URL, {"text": TEXT}, "json", **key)
    other = client.post(URL, {"text": "Something else happened."}, "json", **key)
    assert [first.status_code, again.status_code, other.status_code] == [201, 200, 409]
    assert first.json()["id"] == again.json()["id"]
    assert "idempotency key" in other.json()["detail"]
    assert Incident.objects.count() == 1
    assert Job.objects.filter(kind="classify").count() == 1


def test_one_persons_key_never_meets_anothers():
    key = {"HTTP_IDEMPOTENCY_KEY": "k1"}
    first = make_api_client(make_user()).post(URL, {"text": TEXT}, "json", **key)
    second = make_api_client(make_user()).post(URL, {"text": "My own report."}, "json", **key)
    assert (first.status_code, second.status_code) == (201, 201)


def test_an_endless_key_is_refused():
    answer = make_api_client(make_user()).post(URL, {"text": TEXT}, "json", HTTP_IDEMPOTENCY_KEY="k" * 201)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "text", "required"),
        ({"text": "  \n"}, "text", "empty"),
        ({"text": "x" * 20_001}, "text", "20,000"),
        ({"text": "a\x00b"}, "text", "ull characters"),
        ({"text": "a\x07b"}, "text", "binary"),
        ({"text": "bad \ufffd bytes"}, "text", "UTF-8"),
        ({"text": "half \ud800 pair"}, "text", "urrogate"),
        ({"text": TEXT, "title": "t" * 201}, "title", "200"),
        ({"text": TEXT, "money_lost": "-1"}, "money_lost", "greater than or equal to 0"),
        ({"text": TEXT, "money_lost": "NaN"}, "money_lost", "valid number"),
        ({"text": TEXT, "money_lost": "12345678901234567"}, "money_lost", "digits"),
        ({"text": TEXT, "currency": "XYZ"}, "currency", "valid choice"),
        ({"text": TEXT, "noticed_at": "yesterday"}, "noticed_at", "format"),
        ({"text": TEXT, "contact": "c" * 201}, "contact", "200"),
        ({"text": TEXT, "txet": "x"}, "txet", "no such field"),
        ({"text": {"a": 1}}, "text", "valid string"),
    ],
)
def test_what_is_wrong_with_a_report_is_said_per_field_and_as_one_sentence(body, field, words):
    answer = make_api_client(make_user()).generic("POST", URL, json.dumps(body), "application/json")
    assert answer.status_code == 400
    assert words in " ".join(answer.json()["fields"][field])
    assert answer.json()["detail"].startswith(f"{field}: ")
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"text": ', 400),
        (b"[1, 2]", 400),
        (b"null", 400),
        (b'{"text": "\xff\xfe"}', 400),
        (b"[" * 200_000, 400),
        (b'{"text": NaN}', 400),
        (b'{"text": "' + b"x" * 2_600_000 + b'"}', 413),
    ],
)
def test_a_body_that_is_no_report_gets_a_sentence(body, status):
    answer = make_api_client(make_user()).generic("POST", URL, body, "application/json")
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_a_form_is_not_json():
    answer = make_api_client(make_user()).post(URL, {"text": TEXT}, "multipart")
    assert answer.status_code == 415


def test_nobody_files_without_signing_in():
    assert Client().post(URL, {"text": TEXT}, "application/json").status_code == 401


def test_an_account_without_a_role_may_not_file():
    answer = make_api_client(make_user(role="")).post(URL, {"text": TEXT}, "json")
    assert answer.status_code == 403


def test_a_token_without_the_scope_may_not_file():
    answer = make_api_client(make_user(), "incidents:read").post(URL, {"text": TEXT}, "json")
    assert answer.status_code == 403
    assert "incidents:file" in answer.json()["detail"]


def test_a_session_files_only_with_the_csrf_token():
    user = make_user()
    client = Client(enforce_csrf_checks=True)
    client.login(username=user.username, password=PASSWORD)
    refused = client.post(URL, {"text": TEXT}, "application/json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
    unchecked = Client()
    unchecked.login(username=user.username, password=PASSWORD)
    assert unchecked.post(URL, {"text": TEXT}, "application/json").status_code == 201
