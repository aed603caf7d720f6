"""/api/v1/trainings/"""

import pytest

from classifier.models import TrainingRun
from classifier.services.training import workdir_of
from tests.builders import make_api_client, make_incident, make_label, make_path, make_run, make_user
from tests.events.services.threats import add_examples
from workers.models import Job

pytestmark = pytest.mark.django_db
URL = "/api/v1/trainings/"


@pytest.fixture
def decided_reports():
    paths = [make_path("Fraud", "UPI"), make_path("Hacking", "Website")]
    splits = ["train"] * 16 + ["validation"] * 4 + ["test"] * 4
    for number, split in enumerate(splits):
        incident = make_incident(text=f"Report {number}", split=split, status="decided")
        incident.current_label = make_label(incident, paths=[paths[number % 2]])
        incident.save()


@pytest.mark.usefixtures("decided_reports")
def test_an_admin_starts_a_training_which_waits_as_a_job():
    answer = make_api_client(make_user(role="admin")).post(URL, {"base_model": "none"}, "json")
    run = TrainingRun.objects.get()
    assert answer.status_code == 201
    assert (answer.json()["id"], answer.json()["status"], answer.json()["base_model"]) == (run.pk, "queued", "none")
    assert Job.objects.get(kind="train").object_id == run.pk


@pytest.mark.usefixtures("decided_reports")
def test_a_second_training_is_refused_while_one_is_open():
    client = make_api_client(make_user(role="admin"))
    client.post(URL, {"base_model": "none"}, "json")
    answer = client.post(URL, {"base_model": "none"}, "json")
    assert answer.status_code == 409
    assert "already" in answer.json()["detail"]


def test_too_few_decided_reports_are_refused_with_the_reason():
    answer = make_api_client(make_user(role="admin")).post(URL, {}, "json")
    assert answer.status_code == 409
    assert "decided" in answer.json()["detail"]


def test_a_misspelt_option_is_not_ignored():
    answer = make_api_client(make_user(role="admin")).post(URL, {"base-model": "none"}, "json")
    assert answer.status_code == 400
    assert "base_model" in answer.json()["detail"]


def test_analysts_watch_trainings_but_start_and_cancel_none():
    run = make_run(status="running", stage="t5", step=3, total_steps=9)
    client = make_api_client(make_user(role="analyst"))
    assert client.get(URL).json()["results"][0]["step"] == 3
    assert client.get(f"{URL}{run.pk}/").json()["stage"] == "t5"
    assert client.post(URL, {}, "json").status_code == 403
    assert client.post(f"{URL}{run.pk}/cancel/").status_code == 403


@pytest.mark.usefixtures("decided_reports")
def test_an_admin_cancels_a_waiting_training_once():
    client = make_api_client(make_user(role="admin"))
    number = client.post(URL, {"base_model": "none"}, "json").json()["id"]
    answer = client.post(f"{URL}{number}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert client.post(f"{URL}{number}/cancel/").status_code == 409


@pytest.mark.usefixtures("decided_reports", "caseloop_home")
def test_an_admin_resumes_what_left_a_checkpoint_once():
    client = make_api_client(make_user(role="admin"))
    number = client.post(URL, {"base_model": "none"}, "json").json()["id"]
    client.post(f"{URL}{number}/cancel/")
    nothing_left = client.post(f"{URL}{number}/resume/")
    assert (nothing_left.status_code, "nothing left to resume" in nothing_left.json()["detail"]) == (409, True)
    checkpoint = workdir_of(TrainingRun.objects.get()) / "epoch-1"
    checkpoint.mkdir(parents=True)
    (checkpoint / "state.json").write_text("{}")
    assert make_api_client(make_user(role="analyst")).post(f"{URL}{number}/resume/").status_code == 403
    answer = client.post(f"{URL}{number}/resume/")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert client.post(f"{URL}{number}/resume/").status_code == 409


def test_reporters_see_no_trainings():
    assert make_api_client(make_user()).get(URL).status_code == 403


def test_a_training_of_the_detection_model_is_started_by_its_line():
    client = make_api_client(make_user(role="admin"))
    refused = client.post(URL, {"line": "detect", "base_model": "none"}, "json")
    assert (refused.status_code, "There are 0 examples" in refused.json()["detail"]) == (409, True)
    add_examples()
    started = client.post(URL, {"line": "detect", "base_model": "none"}, "json")
    assert (started.status_code, started.json()["line"]) == (201, "detect")
    assert [row["line"] for row in client.get(URL, {"line": "detect"}).json()["results"]] == ["detect"]
    assert client.get(URL, {"line": "classify"}).json()["results"] == []
    assert client.post(URL, {"line": "anomaly:sshd"}, "json").status_code == 400
