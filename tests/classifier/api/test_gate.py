"""/api/v1/models/<id>/gate/, impact/ and force/, and force-requests/"""

import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone

from classifier.models import ForceRequest, ImpactPreview, ModelVersion
from classifier.services.gate import verdict_on
from classifier.services.impact import preview_impact
from classifier.services.training import request_training
from incidents.models import Incident, SecondOpinion, User
from tests.builders import make_api_client, make_incident, make_user, make_version
from tests.classifier.services.conftest import decide_reports, run_to_end
from workers import jobs
from workers.jobs import Limit

pytestmark = pytest.mark.django_db
URL = "/api/v1/"
FIGURES = dict.fromkeys(
    ("reports", "open", "changed", "open_changed", "surer", "less_sure", "judged", "right_before", "right_after"), 2
)


@pytest.fixture
def admin() -> User:
    return make_user(role="admin")


@pytest.fixture
def refused(caseloop_home: Path) -> ModelVersion:
    """Of too few test reports."""
    decide_reports()
    run_to_end(request_training(base_model="none"))
    return run_to_end(request_training(base_model="none", force=True)).version


def test_the_gate_tells_its_figures(refused: ModelVersion) -> None:
    told = make_api_client(make_user(role="analyst")).get(f"{URL}models/{refused.pk}/gate/").json()
    assert told["passed"] is False
    assert [(one["name"], one["state"], one["figure"]) for one in told["checks"]] == [
        (one.name, one.state, one.figure) for one in verdict_on(refused).checks
    ]
    assert told["checks"][0]["finding"] == "9 test reports; at least 20 are asked for."


def test_a_refused_promotion_is_a_conflict_with_the_figures(refused: ModelVersion, admin: User) -> None:
    answer = make_api_client(admin).post(f"{URL}models/{refused.pk}/promote/", {}, format="json")
    assert answer.status_code == 409 and "at least 20 are asked for" in str(answer.json())


def test_two_tokens_of_two_people_pass_the_gate(refused: ModelVersion, admin: User) -> None:
    client = make_api_client(admin)
    assert client.post(f"{URL}models/{refused.pk}/force/", {}, format="json").status_code == 400
    asked = client.post(f"{URL}models/{refused.pk}/force/", {"reason": "a court order"}, format="json")
    assert (asked.status_code, asked.json()["state"]) == (201, "open")
    agree = f"{URL}force-requests/{asked.json()['id']}/agree/"
    assert client.post(agree, {}, format="json").status_code == 409
    assert make_api_client(make_user(role="analyst")).post(agree, {}, format="json").status_code == 403
    done = make_api_client(make_user(role="lead")).post(agree, {"answer": "seen"}, format="json")
    assert (done.status_code, done.json()["version"], done.json()["forced"]) == (201, refused.name, True)


def test_a_lead_declines(refused: ModelVersion, admin: User) -> None:
    asked = make_api_client(admin).post(f"{URL}models/{refused.pk}/force/", {"reason": "x"}, format="json").json()
    lead = make_api_client(make_user(role="lead"))
    assert lead.post(f"{URL}force-requests/{asked['id']}/decline/", {}, format="json").json()["state"] == "declined"
    assert lead.post(f"{URL}force-requests/{asked['id']}/decline/", {}, format="json").status_code == 409
    assert ForceRequest.objects.get().state == "declined"


def test_the_impact_is_asked_for_and_read(refused: ModelVersion, admin: User) -> None:
    make_incident(title="", text="caller bank code otp")
    client, address = make_api_client(admin), f"{URL}models/{refused.pk}/impact/"
    assert client.get(address).status_code == 409
    assert client.post(address).json()["status"] == "queued"
    preview_impact(jobs.claim("inference", worker="test", limits={"impact": Limit()}))
    told = client.get(address).json()
    assert (told["status"], told["figures"]["reports"], told["changes"]) == ("done", 1, [])
    assert "tend to follow it" in told["note"] and told["figures"]["blind_judged"] == 0
    champion = ModelVersion.objects.champion()
    assert client.post(f"{URL}models/{champion.pk}/impact/").status_code == 409
    other_line = client.post(f"{URL}models/{make_version(line='detect').pk}/impact/")
    assert other_line.status_code == 409 and "reads no reports" in other_line.json()["detail"]


def test_the_impact_names_no_report_on_which_the_caller_gives_a_second_opinion(refused: ModelVersion) -> None:
    ana, champion = make_user(role="analyst"), ModelVersion.objects.champion()
    held, seen = Incident.objects.filter(status="decided")[:2]
    SecondOpinion.objects.create(
        incident=held,
        first=held.current_label,
        state="held",
        claimed_by=ana,
        claim_expires_at=timezone.now() + dt.timedelta(minutes=5),
    )
    groups = [{"old": "Fraud › Vishing", "new": "Abuse", "reports": 2, "examples": [held.pk, seen.pk]}]
    ImpactPreview.objects.create(version=refused, champion=champion, status="done", figures=FIGURES, groups=groups)
    told = make_api_client(ana).get(f"{URL}models/{refused.pk}/impact/").json()
    assert told["changes"] == [{"old": "Fraud › Vishing", "new": "Abuse", "reports": 2, "examples": [seen.pk]}]


def test_the_impact_is_that_in_place_of_the_present_champion(refused: ModelVersion) -> None:
    ImpactPreview.objects.create(version=refused, champion=make_version(), status="done", figures=FIGURES)
    answer = make_api_client(make_user(role="analyst")).get(f"{URL}models/{refused.pk}/impact/")
    assert answer.status_code == 409 and "Nobody has asked yet" in answer.json()["detail"]
