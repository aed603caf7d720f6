"""GET /api/v1/incidents/ and /api/v1/incidents/<id>/"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Incident
from tests.builders import (
    make_api_client,
    make_decided,
    make_incident,
    make_label,
    make_path,
    make_prediction,
    make_user,
)

pytestmark = pytest.mark.django_db
URL = "/api/v1/incidents/"


def ids(answer) -> list[int]:
    return [row["id"] for row in answer.json()["results"]]


def test_a_reporter_sees_its_own_reports_and_no_others():
    user = make_user()
    mine, other = make_incident(reporter=user), make_incident(reporter=make_user())
    client = make_api_client(user)
    assert ids(client.get(URL)) == [mine.pk]
    assert client.get(f"{URL}{mine.pk}/").status_code == 200
    assert client.get(f"{URL}{other.pk}/").status_code == 404


def test_an_analyst_sees_all_newest_first():
    first, second = make_incident(), make_incident()
    assert ids(make_api_client(make_user(role="analyst")).get(URL)) == [second.pk, first.pk]


def test_a_prediction_is_told_with_its_model_and_confidence():
    user = make_user()
    incident = make_incident(reporter=user)
    make_path(["Hacking", "Fraud"], "Account takeover")
    prediction = make_prediction(incident, chances=[0.4], anomaly=97.0)
    told = make_api_client(user).get(f"{URL}{incident.pk}/").json()["prediction"]
    assert told == {
        "category": "Fraud or Hacking",
        "sub_category": "Account takeover",
        "confidence": pytest.approx(0.4),
        "unsure": True,
        "model": prediction.version.name,
        "anomaly": 97.0,
    }


def test_a_decision_is_told_with_its_labels_joined_and_sorted():
    user = make_user()
    incident = make_incident(reporter=user)
    paths = [make_path("Hacking", "Website"), make_path("Fraud", "UPI")]
    incident.current_label = make_label(incident, make_user(role="analyst"), paths)
    incident.save()
    decision = make_api_client(user).get(f"{URL}{incident.pk}/").json()["decision"]
    assert (decision["category"], decision["sub_category"]) == ("Fraud or Hacking", "UPI or Website")
    assert sorted(decision["paths"]) == ["Fraud / UPI", "Hacking / Website"]
    assert "reviewer" not in decision


def test_lists_are_paged_by_cursor_and_lose_nothing_when_reports_arrive():
    client = make_api_client(make_user(role="analyst"))
    filed = [make_incident().pk for _ in range(5)]
    page = client.get(URL, {"page_size": 2})
    make_incident()
    seen = ids(page)
    while page.json()["next"]:
        page = client.get(page.json()["next"])
        seen += ids(page)
    assert seen == filed[::-1]


def test_the_list_takes_the_same_queries_however_long_it_is():
    client = make_api_client(make_user(role="analyst"))
    path = make_path("Fraud", "UPI")

    def queries() -> int:
        incident = make_incident()
        incident.current_label = make_label(incident, paths=[path])
        incident.save()
        with CaptureQueriesContext(
            connection,
        ) as context:
            client.get(URL)
        return len(context)

    assert queries() == queries() == queries()


def test_reports_are_filtered_by_status():
    decided = make_incident(status=Incident.Status.DECIDED)
    rejected = make_incident(status=Incident.Status.REJECTED)
    make_incident()
    client = make_api_client(make_user(role="analyst"))
    assert ids(client.get(URL, {"status": "decided"})) == [decided.pk]
    assert ids(client.get(f"{URL}?status=decided&status=rejected")) == [rejected.pk, decided.pk]
    refused = client.get(URL, {"status": "lost"})
    assert refused.status_code == 400
    assert "lost" in refused.json()["detail"]


def test_reports_are_filtered_by_the_decided_category_else_the_predicted_one():
    client = make_api_client(make_user(role="analyst"))
    alone = make_incident(current_category="Fraud", current_model="m")
    among = make_incident(current_category="Bullying or Fraud or Hacking", current_model="m")
    make_incident(current_category="Tax Fraud", current_model="m")
    make_decided(make_path("Bullying"), current_category="Fraud", current_model="m")
    assert ids(client.get(URL, {"category": "Fraud"})) == [among.pk, alone.pk]
    assert ids(client.get(URL, {"category": "Bullying"})) == [Incident.objects.latest("pk").pk, among.pk]


@pytest.mark.parametrize("query", ["cursor=nonsense", "cursor=cD0lMDA%3D"])
def test_a_broken_cursor_is_no_crash(query):
    answer = make_api_client(make_user()).get(f"{URL}?{query}")
    assert answer.status_code in {200, 404}


@pytest.mark.parametrize("query", ["category=%00", "page_size=-1", "page_size=x"])
def test_a_nonsense_filter_is_no_crash(query):
    assert make_api_client(make_user()).get(f"{URL}?{query}").status_code in {200, 400}


@pytest.mark.parametrize("number", ["999999", "9" * 40])
def test_a_report_that_is_not_there_is_404_as_json(number):
    answer = make_api_client(make_user(role="analyst")).get(f"{URL}{number}/")
    assert answer.status_code == 404
    assert answer.json()["detail"]


def test_a_token_without_the_scope_reads_nothing():
    client = make_api_client(make_user(role="analyst"), "incidents:file")
    assert client.get(URL).status_code == 403
    assert client.get(f"{URL}{make_incident().pk}/").status_code == 403
