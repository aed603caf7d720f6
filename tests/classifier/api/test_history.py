"""/api/v1/models/history/ and /api/v1/models/<id>/shadow/"""

import pytest

from classifier.models import ImpactPreview, ModelVersion
from classifier.services.promotion import promote
from classifier.services.shadow import set_shadow, shadow_report
from classifier.services.training import request_training
from tests.builders import make_api_client, make_incident, make_user
from tests.classifier.services.conftest import champion, home, run_to_end  # noqa: F401 - fixtures
from tests.classifier.services.test_shadow import classify, score

pytestmark = pytest.mark.django_db
URL = "/api/v1/models/"
FIGURES = dict.fromkeys(
    ("reports", "open", "changed", "open_changed", "surer", "less_sure", "judged", "right_before", "right_after"), 2
)


@pytest.fixture
def challenger(champion: ModelVersion) -> ModelVersion:  # noqa: F811
    return run_to_end(request_training(base_model="none", force=True)).version


def test_the_moves_are_listed_with_what_was_known_then(champion: ModelVersion, challenger: ModelVersion) -> None:  # noqa: F811
    ImpactPreview.objects.create(version=challenger, champion=champion, status="done", figures=FIGURES)
    promote(challenger, by=make_user("ada", role="admin"), reason="better")
    told = make_api_client(make_user(role="analyst")).get(f"{URL}history/").json()
    assert (told["count"], told["next"]) == (2, None)
    newest, first = told["results"]
    assert (newest["kind"], newest["model"], newest["replaced"]) == ("promote", challenger.name, champion.name)
    assert (newest["by"], newest["by_itself"], newest["reason"]) == ("ada", False, "better")
    assert newest["impact"] == FIGURES and {check["state"] for check in newest["checks"]} <= {"passed", "skipped"}
    assert (first["kind"], first["by"], first["by_itself"], first["impact"]) == ("first", None, True, None)


def test_the_moves_are_paged(champion: ModelVersion, challenger: ModelVersion) -> None:  # noqa: F811
    promote(challenger, by=None)
    client = make_api_client(make_user(role="analyst"))
    page = client.get(f"{URL}history/?page_size=1").json()
    assert [one["kind"] for one in page["results"]] == ["promote"]
    assert [one["kind"] for one in client.get(page["next"]).json()["results"]] == ["first"]
    assert client.get(f"{URL}history/?page=77").status_code == 404


def test_another_line_is_asked_for_by_name(champion: ModelVersion) -> None:  # noqa: F811
    client = make_api_client(make_user(role="analyst"))
    assert client.get(f"{URL}history/?line=detect").json()["results"] == []
    refused = client.get(f"{URL}history/?line=nonsense")
    assert (refused.status_code, "no such model line" in refused.json()["detail"]) == (400, True)


def test_what_a_shadow_decided_is_what_the_page_says(challenger: ModelVersion) -> None:
    address, client = f"{URL}{challenger.pk}/shadow/", make_api_client(make_user(role="analyst"))
    never = client.get(address)
    assert (never.status_code, "in the shadow" in never.json()["detail"]) == (409, True)
    set_shadow(challenger, by=None)
    classify(make_incident(title="", text="caller bank code"))
    score()
    report, told = shadow_report(challenger), client.get(address).json()
    assert report is not None and told["texts"] == report.texts == 1
    assert told["alike"] == {"share": report.alike.share, "hits": report.alike.hits, "n": report.alike.n}
    assert told["blind_right"] == {"share": None, "hits": 0, "n": 0}
    assert told["since"] and "tend to follow it" in told["note"]


def test_reporters_read_neither(challenger: ModelVersion) -> None:
    client = make_api_client(make_user())
    assert client.get(f"{URL}history/").status_code == 403
    assert client.get(f"{URL}{challenger.pk}/shadow/").status_code == 403
