"""GET /api/v1/taxonomy/"""

import pytest
from rest_framework.test import APIClient

from tests.builders import make_api_client, make_path, make_user

pytestmark = pytest.mark.django_db


def test_the_taxonomy_lists_guides_and_the_keys_that_verdicts_take():
    make_path(["Hacking", "Fraud"], "Account takeover")
    told = make_api_client(make_user()).get("/api/v1/taxonomy/").json()
    assert [row["name"] for row in told["categories"]] == ["Fraud", "Hacking"]
    assert set(told["sub_categories"][0]) == {"name", "guide", "examples"}
    assert told["paths"] == [
        {
            "key": "Fraud or Hacking / Account takeover",
            "categories": ["Fraud", "Hacking"],
            "sub_category": "Account takeover",
        }
    ]


def test_an_empty_taxonomy_is_an_empty_answer():
    assert make_api_client(make_user()).get("/api/v1/taxonomy/").json()["paths"] == []


def test_strangers_do_not_read_the_taxonomy():
    assert APIClient().get("/api/v1/taxonomy/").status_code == 401


def test_a_step_is_tried_then_taken_and_listed():
    for name in ("Phishing", "Vishing"):
        make_path("Fraud", name)
    admin = make_api_client(make_user(role="admin"))
    merge = {"kind": "merge", "label": "Fraud / Vishing", "into": "Fraud / Phishing"}
    tried = admin.post("/api/v1/taxonomy/steps/", merge | {"dry_run": True}, format="json")
    assert (tried.status_code, tried.json()["changes"][0]["reads_as"]) == (200, "Fraud / Phishing")
    taken = admin.post("/api/v1/taxonomy/steps/", merge | {"reason": "One team."}, format="json")
    assert (taken.status_code, taken.json()["words"]) == (201, "“Fraud / Vishing” merged into “Fraud / Phishing”")
    assert [one["key"] for one in admin.get("/api/v1/taxonomy/").json()["paths"]] == ["Fraud / Phishing"]
    again = admin.post("/api/v1/taxonomy/steps/", merge, format="json")
    assert (again.status_code, "not in use any more" in again.content.decode()) == (409, True)
    assert [one["reason"] for one in admin.get("/api/v1/taxonomy/steps/").json()] == ["One team."]


def test_analysts_read_the_steps_and_admins_take_them():
    analyst = make_api_client(make_user(role="analyst"))
    assert analyst.get("/api/v1/taxonomy/steps/").json() == []
    assert (
        analyst.post("/api/v1/taxonomy/steps/", {"kind": "retire", "label": "Fraud"}, format="json").status_code == 403
    )
    reader = make_api_client(make_user(role="admin"), "models:read")
    assert (
        reader.post("/api/v1/taxonomy/steps/", {"kind": "retire", "label": "Fraud"}, format="json").status_code == 403
    )
    assert make_api_client(make_user()).get("/api/v1/taxonomy/steps/").status_code == 403
