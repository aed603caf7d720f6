"""`manage.py policy`"""

import pytest

from classifier.models import ActingPolicy
from tests.builders import make_api_client, make_evaluation, make_held_out, make_promotion, make_user
from tests.classifier.commands.conftest import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def promotion():
    promotion = make_promotion()
    outcomes = make_held_out(("Fraud", True, 0.99, 300), ("Rare", True, 0.9, 3))
    make_evaluation(promotion.version, outcomes=outcomes.to_json())
    return promotion


def test_the_json_is_what_the_api_tells(promotion):
    client = make_api_client(make_user(role="analyst"))
    assert run("policy", "--json").json == client.get("/api/v1/policy/").json()
    seen = client.post("/api/v1/policy/preview/", {"error": 0.05}, "json").json()
    assert run("policy", "--accept-error", "0.05", "--dry-run", "--json").json == seen
    assert not ActingPolicy.objects.exists()


def test_people_read_what_it_comes_to(promotion):
    out = run("policy").out
    assert "accepts nothing automatically; at most 2.0% wrong are accepted" in out
    assert "of 303 held-out reports: 300 accepted (0 of them wrong)" in out and "Rare: few; 0 of 3 accepted" in out
    assert "promised with 90% certainty: at most 2.0% of what is accepted is wrong" in out


def test_single_categories_are_tried_and_saved_as_on_the_page(promotion):
    make_user("ada", role="admin")
    wish = ("--category-error", "Fraud=0.05", "--category-cost", "Fraud=20", "--category-cost", "Rare=4")
    client = make_api_client(make_user(role="analyst"))
    asked = {"error": 0.02, "category_errors": {"Fraud": 0.05}, "category_costs": {"Fraud": 20, "Rare": 4}}
    seen = client.post("/api/v1/policy/preview/", asked, "json").json()
    assert run("policy", *wish, "--dry-run", "--json").json == seen
    assert "Fraud: accepted from" in (out := run("policy", *wish, "--dry-run").out) and "promised: at most 5.0%" in out
    assert not ActingPolicy.objects.exists()
    run("policy", *wish, "--by", "ada", "--reason", "Dear mistakes")
    run("policy", "--category-cost", "Rare=", "--category-error", "Rare=0", "--by", "ada", "--reason", "Always look")
    row = ActingPolicy.objects.latest("pk")
    assert (row.errors, row.costs) == ({"Fraud": 0.05, "Rare": 0.0}, {"Fraud": 20.0})


@pytest.mark.parametrize(
    ("option", "written", "told"),
    [
        ("--category-error", "Fruad=0.01", "name one of: Fraud, Rare."),
        ("--category-error", "Fraud", "write NAME=X"),
        ("--category-error", "Fraud=5", "a number from 0 to 0.5"),
        ("--category-cost", "Fraud=nan", "a number from 1 to 1000"),
        ("--category-cost", "Fraud=much", "a number from 1 to 1000"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_plain_words(promotion, option, written, told):
    found = run("policy", option, written, "--dry-run")
    assert found.code == 2 and told in found.err


def test_it_is_saved_by_somebody_who_may(promotion):
    make_user("ada", role="admin")
    make_user("ben", role="analyst")
    wish = ("policy", "--accept-error", "0.02", "--auto-accept", "on", "--reason", "Fewer looks")
    assert run(*wish).code == 2
    assert run(*wish, "--by", "ben").code == 3
    assert run(*wish, "--by", "ada").code == 0
    row = ActingPolicy.objects.get()
    assert row.auto_accept and row.by.username == "ada"
    assert run("policy", "--accept-error", "0.001", "--by", "ada", "--reason", "x").code == 3
    assert run("policy", "--accept-error", "5", "--dry-run").code == 2


def test_without_a_model_it_says_so():
    assert "no model in charge" in run("policy").out
