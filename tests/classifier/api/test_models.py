"""/api/v1/models/: figures, promotion, rollback"""

import pytest

from classifier.models import ModelVersion, Promotion
from tests.builders import make_api_client, make_evaluation, make_user, make_version
from tests.classifier.lines import FIGURES, SSHD, make_detector

pytestmark = pytest.mark.django_db
URL = "/api/v1/models/"


def test_analysts_read_versions_with_the_figures_of_each_part():
    version = make_version(stage="champion")
    make_evaluation(version, "served")
    make_evaluation(version, "linear")
    (row,) = make_api_client(make_user(role="analyst")).get(URL).json()["results"]
    assert (row["name"], row["stage"], row["base_model"]) == (version.name, "champion", "small-scratch")
    figures = {part["part"]: part["figures"] for part in row["evaluations"]}
    assert set(figures) == {"served", "linear"}
    assert figures["served"]["category"] == {"accuracy": 0.8, "macro_f1": 0.75}
    assert figures["served"]["n"] == 200


def test_one_version_is_read_by_its_number():
    version = make_version()
    client = make_api_client(make_user(role="analyst"))
    assert client.get(f"{URL}{version.pk}/").json()["name"] == version.name
    assert client.get(f"{URL}999999/").status_code == 404


def test_reporters_read_no_models():
    assert make_api_client(make_user()).get(URL).status_code == 403


def test_a_token_without_the_scope_reads_no_models():
    client = make_api_client(make_user(role="admin"), "incidents:read")
    assert client.get(URL).status_code == 403


@pytest.mark.parametrize("role", ["reporter", "analyst", "lead"])
def test_only_admins_move_the_champion(role):
    version = make_version()
    client = make_api_client(make_user(role=role))
    assert client.post(f"{URL}{version.pk}/promote/", {}, "json").status_code == 403
    assert client.post(f"{URL}rollback/", {}, "json").status_code == 403
    assert not Promotion.objects.exists()


def test_an_admins_token_moves_the_champion_only_with_the_scope():
    client = make_api_client(make_user(role="admin"), "models:read")
    answer = client.post(f"{URL}{make_version().pk}/promote/", {}, "json")
    assert answer.status_code == 403
    assert "models:manage" in answer.json()["detail"]


def test_a_version_whose_artefact_is_gone_is_refused_with_the_reason():
    version = make_version()
    answer = make_api_client(make_user(role="admin")).post(f"{URL}{version.pk}/promote/", {}, "json")
    version.refresh_from_db()
    assert answer.status_code == 409
    assert version.name in answer.json()["detail"]
    assert version.stage == ModelVersion.Stage.CHALLENGER


def test_rolling_back_with_no_earlier_version_is_refused_with_the_reason():
    answer = make_api_client(make_user(role="admin")).post(f"{URL}rollback/", {}, "json")
    assert answer.status_code == 409
    assert "no earlier version" in answer.json()["detail"]


def test_a_version_that_is_not_there_cannot_be_promoted():
    assert make_api_client(make_user(role="admin")).post(f"{URL}999/promote/", {}, "json").status_code == 404


def test_versions_of_one_line_are_listed_with_figures_of_their_own_kind(caseloop_home):
    make_version()
    detector = make_detector("sshd-v1")
    (row,) = make_api_client(make_user(role="analyst")).get(URL, {"line": SSHD}).json()["results"]
    assert (row["name"], row["line"]) == (detector.name, SSHD)
    (part,) = row["evaluations"]
    assert part["figures"] == {key: FIGURES[key] for key in ("events", "features", "threshold", "alert_rate", "ks")}


def test_a_line_is_rolled_back_by_name_and_the_reports_by_default(caseloop_home):
    client = make_api_client(make_user(role="admin"))
    for name in ("sshd-v1", "sshd-v2"):
        promoted = client.post(f"{URL}{make_detector(name).pk}/promote/", {}, "json")
        assert promoted.status_code == 201
    assert client.post(f"{URL}rollback/", {}, "json").status_code == 409
    assert client.post(f"{URL}rollback/", {"line": "anomaly:nope"}, "json").status_code == 400
    assert client.post(f"{URL}rollback/", {"line": SSHD}, "json").json()["version"] == "sshd-v1"
