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
