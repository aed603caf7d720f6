"""/api/v1/drift/: looks and alarms"""

import pytest

from classifier.models import DriftAlarm
from tests.builders import make_api_client, make_drift_look, make_promotion, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/drift/"


@pytest.fixture
def alarm():
    return DriftAlarm.objects.create(kind="text", look=make_drift_look(make_promotion()))


def test_analysts_read_looks_and_alarms(alarm):
    found = make_api_client(make_user(role="analyst")).get(URL).json()
    assert found["model"] == alarm.look.promotion.version.name
    assert found["looks"][0]["tests"]["text"] == {"statistic": 0.01, "p": 0.5} and found["looks"][0]["fired"] == []
    assert (found["alarms"][0]["kind"], found["alarms"][0]["state"]) == ("text", "open")
    assert found["measured"]["rows"][0]["alarm"] == "as shipped"


def test_without_a_champion_there_is_nothing_to_look_at():
    found = make_api_client(make_user(role="analyst")).get(URL).json()
    assert (found["model"], found["looks"], found["alarms"]) == (None, [], [])


def test_reporters_and_tokens_of_other_scopes_read_nothing(alarm):
    assert make_api_client(make_user()).get(URL).status_code == 403
    assert make_api_client(make_user(role="admin"), "incidents:read").get(URL).status_code == 403


def test_admins_acknowledge_an_alarm_once_and_with_a_note(alarm):
    client, url = make_api_client(make_user("ada", role="admin")), f"{URL}alarms/{alarm.pk}/acknowledge/"
    assert client.post(url, {}, "json").status_code == 400
    answer = client.post(url, {"note": "A campaign."}, "json").json()
    settled = answer["alarms"][0]
    assert (settled["state"], settled["note"], settled["by"]) == ("acknowledged", "A campaign.", "ada")
    assert client.post(url, {"note": "Again."}, "json").status_code == 409


def test_analysts_acknowledge_nothing(alarm):
    client = make_api_client(make_user(role="lead"))
    assert client.post(f"{URL}alarms/{alarm.pk}/acknowledge/", {"note": "No."}, "json").status_code == 403
