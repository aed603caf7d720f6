"""POST /api/v1/incidents/<id>/labels/"""

import pytest

from incidents.models import Incident, Label
from incidents.services import reviewing
from tests.builders import make_api_client, make_incident, make_path, make_prediction, make_user

pytestmark = pytest.mark.django_db


def url(incident: Incident) -> str:
    return f"/api/v1/incidents/{incident.pk}/labels/"


def test_an_analyst_corrects_a_report():
    analyst, incident, path = make_user(role="analyst"), make_incident(), make_path("Fraud", "UPI")
    answer = make_api_client(analyst).post(url(incident), {"verdict": "correct", "paths": [path.key]}, "json")
    incident.refresh_from_db()
    assert answer.status_code == 201
    assert answer.json()["verdict"] == "correct"
    assert answer.json()["sub_category"] == "UPI"
    assert incident.status == Incident.Status.DECIDED
    assert incident.current_label.reviewer == analyst


def test_paths_that_the_model_suggested_confirm_it():
    incident, path = make_incident(), make_path("Fraud", "UPI")
    make_prediction(incident, chances=[1.0])
    client = make_api_client(make_user(role="analyst"))
    answer = client.post(url(incident), {"verdict": "correct", "paths": [path.key]}, "json")
    assert answer.json()["verdict"] == "confirm"


def test_the_same_decision_sent_twice_is_one_decision():
    incident, path = make_incident(), make_path("Fraud", "UPI")
    client = make_api_client(make_user(role="analyst"))
    body = {"verdict": "confirm", "paths": [path.key]}
    first, again = (client.post(url(incident), body, "json") for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert Label.objects.count() == 1


def test_a_decided_report_is_decided_anew_only_when_asked_to():
    incident, path = make_incident(), make_path("Fraud", "UPI")
    make_api_client(make_user(role="analyst")).post(url(incident), {"verdict": "reject"}, "json")
    other = make_api_client(make_user(role="analyst"))
    body = {"verdict": "correct", "paths": [path.key]}
    assert other.post(url(incident), body, "json").status_code == 409
    assert other.post(url(incident), body | {"reopen": True}, "json").status_code == 201
    incident.refresh_from_db()
    assert incident.status == Incident.Status.DECIDED


def test_a_report_that_somebody_else_holds_is_a_conflict():
    incident = make_incident(status=Incident.Status.CLASSIFIED)
    reviewing.claim(incident, make_user(role="analyst"))
    client = make_api_client(make_user(role="analyst"))
    for body in ({"verdict": "reject"}, {"verdict": "reject", "reopen": True}):
        assert client.post(url(incident), body, "json").status_code == 409
    assert not Label.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"verdict": "perhaps"},
        {"verdict": "confirm"},
        {"verdict": "reject", "paths": ["Fraud / UPI"]},
        {"verdict": "correct", "paths": ["No / Such"]},
        {"verdict": "correct", "paths": "Fraud / UPI"},
        {"verdict": "correct", "paths": [["Fraud / UPI"]]},
        {"verdict": "correct", "paths": [{"key": "\x00"}]},
        {"verdict": "correct", "paths": ["\x00"]},
        {"verdict": "unsure", "reopen": True, "paths": ["Fraud / UPI"]},
        {"verdict": "reject", "expected_until": "2020-01-01T00:00:00Z"},
        {"verdict": "reject", "expected_until": "9999-12-31T23:59:59Z"},
    ],
)
def test_a_verdict_that_does_not_fit_is_refused_and_holds_nothing(body):
    make_path("Fraud", "UPI")
    incident = make_incident(status=Incident.Status.CLASSIFIED)
    answer = make_api_client(make_user(role="analyst")).post(url(incident), body, "json")
    incident.refresh_from_db()
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert (incident.status, incident.claimed_by) == (Incident.Status.CLASSIFIED, None)


def test_reporters_decide_nothing():
    user = make_user()
    incident = make_incident(reporter=user)
    assert make_api_client(user).post(url(incident), {"verdict": "reject"}, "json").status_code == 403


def test_a_token_without_the_scope_decides_nothing():
    client = make_api_client(make_user(role="analyst"), "incidents:read", "incidents:file")
    assert client.post(url(make_incident()), {"verdict": "reject"}, "json").status_code == 403
