"""`manage.py model_history` and `manage.py shadow`."""

import pytest

from classifier.models import ImpactPreview, ModelVersion
from classifier.services.promotion import promote
from classifier.services.shadow import set_shadow
from classifier.services.training import request_training
from tests.builders import make_api_client, make_incident, make_user
from tests.classifier.commands.conftest import run
from tests.classifier.services.conftest import run_to_end
from tests.classifier.services.test_shadow import classify, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def challenger(champion: ModelVersion) -> ModelVersion:
    return run_to_end(request_training(base_model="none", force=True)).version


def test_the_moves_are_those_of_the_api(champion: ModelVersion, challenger: ModelVersion) -> None:
    figures = dict.fromkeys(("open", "open_changed", "surer", "less_sure", "judged", "right_before", "right_after"), 0)
    figures |= {"reports": 7, "changed": 2}
    ImpactPreview.objects.create(version=challenger, champion=champion, status="done", figures=figures)
    promote(challenger, by=make_user("ada", role="admin"), reason="better")
    told = run("model_history", "--json").json
    listed = make_api_client(make_user(role="analyst")).get("/api/v1/models/history/").json()["results"]
    facts = ("kind", "title", "model", "model_id", "replaced", "by", "by_itself", "second", "reason")
    assert [[one[fact] for fact in facts] for one in told["moves"]] == [[one[fact] for fact in facts] for one in listed]
    assert told["moves"][0]["impact"] == figures
    out = run("model_history").out
    assert f"Promoted: {challenger.name} in place of {champion.name}, by ada: better" in out
    assert "2 of 7 reports got another label" in out and "First model" in out and "by itself" in out


def test_a_line_without_moves_and_one_that_is_not_there(db: None) -> None:
    assert "Nothing was promoted yet" in run("model_history", "--line", "detect").out
    ended = run("model_history", "--line", "x")
    assert (ended.code, "no model line" in ended.err) == (2, True)


def test_what_a_shadow_decided_is_told(challenger: ModelVersion) -> None:
    ended = run("shadow", challenger.name)
    assert (ended.code, "has scored no reports in the shadow" in ended.err) == (3, True)
    set_shadow(challenger, by=None)
    classify(make_incident(title="", text="caller bank code"))
    score()
    told = run("shadow", challenger.name, "--json").json
    api = make_api_client(make_user(role="analyst")).get(f"/api/v1/models/{challenger.pk}/shadow/").json()
    since = told.pop("since")
    assert since and told == {name: value for name, value in api.items() if name != "since"}
    out = run("shadow", challenger.name).out
    assert f"{challenger.name}, on 1 texts: 100.0\N{NO-BREAK SPACE}% as the champion" in out
    assert "compare the two fairly" in out
