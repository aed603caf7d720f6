"""`manage.py drift`"""

import pytest

from classifier.models import DriftAlarm
from tests.builders import make_api_client, make_drift_look, make_promotion, make_user
from tests.classifier.commands.conftest import run

pytestmark = pytest.mark.django_db


def test_the_json_is_what_the_api_tells():
    look = make_drift_look(make_promotion(), tests={"text": {"statistic": 0.02, "p": 0.002}})
    DriftAlarm.objects.create(kind="text", look=look)
    assert run("drift", "--json").json == make_api_client(make_user(role="analyst")).get("/api/v1/drift/").json()


def test_people_read_looks_and_alarms():
    look = make_drift_look(make_promotion(), tests={"text": {"statistic": 0.02, "p": 0.002}})
    DriftAlarm.objects.create(kind="text", look=look)
    out = run("drift").out
    assert "look 1" in out and "text 0.02 (p 0.002); fired: text" in out
    assert f"of text at look 1 of {look.promotion.version}: open" in out and "0 of 100 reports wait for a look" in out


def test_without_a_champion_it_says_so():
    assert "No model is in charge" in run("drift").out
