"""/api/v1/learning-curve/: what more labels would bring"""

import pytest

from classifier.models import LearningRun
from tests.builders import make_api_client, make_learning_run, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/learning-curve/"


def test_analysts_read_curves_and_forecasts():
    make_learning_run()
    found = make_api_client(make_user(role="analyst")).get(URL).json()
    assert (found["status"], found["labels"], found["labels_since"]) == ("done", 127, 0)
    assert [one["then"] for one in found["overall"]] == [0.66]
    assert [(one["label"], one["verdict"]) for one in found["classes"]] == [
        ("Ransomware", "starving"), ("Hacking", "rising"),
    ]  # fmt: skip
    assert found["classes"][0]["gain"] is None and found["rules"]["fewest_of_class"] == 20


def test_before_any_measuring_there_is_nothing():
    found = make_api_client(make_user(role="analyst")).get(URL).json()
    assert (found["status"], found["measured_at"], found["overall"], found["classes"]) == (None, None, [], [])


def test_admins_have_it_measured_and_analysts_do_not():
    assert make_api_client(make_user(role="analyst")).post(URL).status_code == 403
    client = make_api_client(make_user("ada", role="admin"))
    assert client.post(URL).status_code == 202 and LearningRun.objects.get().by.username == "ada"
    assert client.post(URL).status_code == 409


def test_reporters_and_tokens_of_other_scopes_read_nothing():
    assert make_api_client(make_user()).get(URL).status_code == 403
    assert make_api_client(make_user(role="admin"), "incidents:read").get(URL).status_code == 403
