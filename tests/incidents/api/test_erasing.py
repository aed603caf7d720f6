"""/api/v1/erasures/"""

import pytest
from rest_framework.test import APIClient

from incidents.models import ApiToken, Erasure
from incidents.services.legal_holds import hold_report
from tests.builders import make_api_client, make_incident, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/erasures/"


@pytest.fixture
def client() -> APIClient:
    return make_api_client(make_user("ada", role="admin"), ApiToken.Scope.ERASE)


def test_a_report_is_looked_at_erased_and_told(client: APIClient) -> None:
    incident = make_incident()
    seen = client.post(f"{URL}preview/", {"report": incident.pk}, format="json").json()
    assert (seen["reports"], seen["account"], seen["models"], seen["obstacle"]) == (1, False, [], "")
    assert not Erasure.objects.exists()
    answer = client.post(URL, {"report": incident.pk, "reason": "Asked for", "reports": 1}, format="json")
    told = answer.json()
    assert (answer.status_code, told["state"], told["by"], told["reports"]) == (202, "erasing", "ada", 1)
    assert client.get(f"{URL}{told['id']}/").json() == told
    assert client.get(URL).json()["results"] == [told]
    assert client.post(f"{URL}preview/", {"report": incident.pk}, format="json").status_code == 409


def test_another_number_than_the_preview_told_refuses_it(client: APIClient) -> None:
    reporter = make_user("jane")
    make_incident(reporter=reporter)
    answer = client.post(URL, {"reporter": "jane", "reason": "x", "reports": 0}, format="json")
    assert (answer.status_code, Erasure.objects.count()) == (409, 0)
    assert client.post(URL, {"reporter": "jane", "reason": "x", "reports": 1}, format="json").status_code == 202


def test_a_hold_refuses_it(client: APIClient) -> None:
    incident = make_incident()
    hold_report(incident, reason="A court", by=make_user(role="lead"))
    answer = client.post(URL, {"report": incident.pk, "reason": "x", "reports": 1}, format="json")
    assert answer.status_code == 409 and "legal hold" in str(answer.json())


@pytest.mark.parametrize("body", [{}, {"report": 1, "reporter": "jane"}, {"report": "x"}, {"report": 1, "more": 2}])
def test_what_cannot_be_read_is_refused(client: APIClient, body: dict[str, object]) -> None:
    assert client.post(f"{URL}preview/", body, format="json").status_code == 400


def test_a_lead_and_a_token_without_the_scope_may_not() -> None:
    for one in (make_api_client(make_user(role="lead")), make_api_client(make_user(role="admin"), ApiToken.Scope.READ)):
        assert one.get(URL).status_code == 403
