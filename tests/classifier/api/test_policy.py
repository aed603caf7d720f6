"""/api/v1/policy/: the policy, what another would come to, and promises"""

import pytest

from classifier.models import ActingPolicy, PromiseAlarm
from tests.builders import make_api_client, make_evaluation, make_held_out, make_promotion, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/policy/"


@pytest.fixture
def promotion():
    promotion = make_promotion()
    make_evaluation(promotion.version, outcomes=make_held_out(("Fraud", True, 0.99, 300)).to_json())
    return promotion


def test_analysts_read_it_and_see_what_another_would_come_to(promotion):
    client = make_api_client(make_user(role="analyst"))
    found = client.get(URL).json()
    assert (found["model"], found["in_force"], found["certainty"]) == (promotion.version.name, None, 0.9)
    seen = client.post(f"{URL}preview/", {"error": 0.02, "category_errors": {"Fraud": 0}}, "json").json()
    assert seen["plan"]["accepted"] == 0 and seen["plan"]["categories"][0]["why_not"] == "not_wanted"
    assert not ActingPolicy.objects.exists()


def test_what_was_found_is_told_beside_what_is_promised_and_bounds_nothing(promotion):
    client = make_api_client(make_user(role="analyst"))
    found = client.post(f"{URL}preview/", {"error": 0.02, "category_errors": {"Fraud": 0.03}}, "json").json()
    assert found["expected_error"] == {"found": 0.0, "promised": 0.03}
    assert found["plan"]["promised_error"] == found["plan"]["categories"][0]["promised_error"] == 0.03
    shared = client.post(f"{URL}preview/", {"error": 0.02}, "json").json()["plan"]
    assert (shared["promised_error"], shared["categories"][0]["promised_error"]) == (0.02, None)
    assert "at_most" not in str(found)


def test_admins_save_it_with_a_reason(promotion):
    client = make_api_client(make_user("ada", role="admin"))
    assert client.post(URL, {"error": 0.02}, "json").status_code == 400
    assert client.post(URL, {"error": 0.9, "reason": "x"}, "json").status_code == 400
    answer = client.post(URL, {"error": 0.02, "auto_accept": True, "reason": "Fewer looks"}, "json")
    assert answer.status_code == 201
    assert answer.json()["in_force"]["accepted_from"].keys() == {"Fraud"} and answer.json()["in_force"]["by"] == "ada"
    assert client.post(URL, {"error": 0.001, "auto_accept": True, "reason": "x"}, "json").status_code == 409


def test_leads_save_nothing_and_reporters_read_nothing(promotion):
    assert make_api_client(make_user(role="lead")).post(URL, {"reason": "x"}, "json").status_code == 403
    assert make_api_client(make_user()).get(URL).status_code == 403


def test_alarms_are_acknowledged_once(promotion):
    alarm = PromiseAlarm.objects.create(
        kind="coverage", promotion=promotion, promised=0.9, kept=1, reports=9, evidence=30
    )
    client, url = make_api_client(make_user("ada", role="admin")), f"{URL}alarms/{alarm.pk}/acknowledge/"
    assert client.post(url, {"note": "A campaign."}, "json").json()["alarms"][0]["state"] == "acknowledged"
    assert client.post(url, {"note": "Again."}, "json").status_code == 409
