"""The page that asks for a training."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from classifier.ml.config import TrainingConfig
from classifier.models import Doubt, DoubtRun, TrainingRun
from incidents.models import Incident, Label, User
from tests.builders import make_run, make_user
from tests.classifier.services.conftest import decide_reports
from tests.events.services.threats import add_examples

pytestmark = pytest.mark.django_db
URL = "/models/train/"


@pytest.fixture
def admin(client: Client, caseloop_home: Path) -> User:
    user = make_user("ada", role="admin")
    client.force_login(user)
    return user


def body(client: Client, url: str = URL) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def by_ann(admin: User) -> User:
    """An analyst who decided 30 of 90 reports."""
    ann = make_user("ann", role="analyst")
    incidents = decide_reports()[:30]
    Label.objects.filter(current_of__in=incidents).update(reviewer=ann)
    return ann


@pytest.mark.parametrize("url", [URL, "/models/lines/detect/train/"])
@pytest.mark.parametrize("role", ["reporter", "analyst", "lead"])
def test_only_admins_train(client: Client, role: str, url: str) -> None:
    client.force_login(make_user(role=role))
    assert client.get(url).status_code == 403
    assert client.post(url, {"base": "none"}).status_code == 403
    assert not TrainingRun.objects.exists()


def test_the_pages_of_models_lead_there(client: Client, admin: User) -> None:
    assert f'href="{URL}"' in body(client, reverse("models"))
    assert 'href="/models/lines/detect/train/"' in body(client, reverse("model-line", args=["detect"]))


def test_a_training_is_queued_with_what_was_asked_for(client: Client, admin: User) -> None:
    decide_reports()
    response = client.post(URL, {"base": "none", "promote_if_better": "on"})
    run = TrainingRun.objects.get()
    assert response.url == reverse("training-run", args=[run.pk])
    assert (run.base_model, run.promote_if_better, run.requested_by) == ("none", True, admin)
    assert (run.options, run.selection) == ({}, {})


def test_a_known_base_is_offered_with_what_it_costs(client: Client, admin: User) -> None:
    decide_reports()
    assert "248 million parameters" in body(client)
    client.post(URL, {"base": "google/flan-t5-base"})
    assert TrainingRun.objects.get().base_model == "google/flan-t5-base"


def test_a_folder_or_hub_name_is_taken_as_it_is(client: Client, admin: User) -> None:
    decide_reports()
    client.post(URL, {"base": "other", "other": " google/flan-t5-small "})
    assert TrainingRun.objects.get().base_model == "google/flan-t5-small"


def test_another_base_needs_a_name(client: Client, admin: User) -> None:
    response = client.post(URL, {"base": "other", "other": " "})
    assert "Write a folder or a hub name" in response.content.decode()


def test_a_refused_training_says_why(client: Client, admin: User) -> None:
    response = client.post(URL, {"base": "small-scratch"})
    assert response.status_code == 200
    assert "alert-danger" in response.content.decode()
    assert not TrainingRun.objects.exists()


def test_while_one_runs_none_can_be_started(client: Client, admin: User) -> None:
    make_run(status="running", requested_by=make_user("grace", "admin"))
    page = body(client)
    assert "by grace. One training at a time." in page
    assert re.search(r'<button type="submit" class="btn btn-primary" disabled aria-describedby="busy"', page)


def test_every_hyper_parameter_can_be_set_and_says_its_default_and_why(client: Client, admin: User) -> None:
    decide_reports()
    page = body(client)
    for name in TrainingConfig.__dataclass_fields__.keys() - {"base_model"}:
        assert f'name="{name}"' in page, name
    assert page.count("Default: ") == len(TrainingConfig.__dataclass_fields__) - 1
    given = {"epochs": "3", "learning_rate": "0.0004", "recompute": "no", "device": "cpu", "max_tokens": "64"}
    client.post(URL, {"base": "google/flan-t5-small", **given})
    assert TrainingRun.objects.get().options == {
        "epochs": 3, "learning_rate": 0.0004, "recompute": False, "device": "cpu", "max_tokens": 64,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"epochs": "0"}, "greater than or equal to 1"),
        ({"balance": "1.5"}, "less than or equal to 1"),
        ({"learning_rate": "fast"}, "Enter a number"),
        ({"lora_rank": "8"}, "has nothing to adapt"),
        ({"base": "none", "epochs": "3"}, "has no such setting"),
        ({"doubted": "2"}, "less than or equal to 1"),
    ],
)
def test_a_setting_out_of_bounds_is_refused_where_it_stands(
    client: Client, admin: User, given: dict[str, str], said: str
) -> None:
    decide_reports()
    response = client.post(URL, {"base": "small-scratch"} | given)
    assert said in response.content.decode()
    assert not TrainingRun.objects.exists()


def test_what_a_person_decided_is_left_out_and_that_is_told_everywhere(client: Client, by_ann: User) -> None:
    client.post(URL, {"base": "none", f"labeller-{by_ann.pk}": "0"})
    run = TrainingRun.objects.get()
    assert run.selection == {"labellers": {str(by_ann.pk): 0.0}}
    assert sum(run.snapshot.counts.values()) == 60
    left_out = Label.objects.filter(reviewer=by_ann).values("incident")
    assert not run.snapshot.rows.filter(incident__in=left_out).exists()
    assert "30 reports decided by ann: left out" in body(client, reverse("training-run", args=[run.pk]))


def test_what_is_filled_in_is_shown_before_the_start(client: Client, by_ann: User) -> None:
    """On the test side, where 3 of the 30 stand, reports judge in full."""
    Incident.objects.filter(pk=Incident.objects.latest("pk").pk).update(current_label=None)
    whole = body(client)
    assert "1 report: not decided yet" in whole and "decided by ann" not in whole
    response = client.post(URL, {"base": "none", f"labeller-{by_ann.pk}": "0.5", "preview": "1"})
    assert "27 reports decided by ann: count 0.5" in response.content.decode()
    assert response.context["page"].contents.total == 89
    assert not TrainingRun.objects.exists()
    part = client.post(URL, {"base": "none", "preview": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<section") and "<form" not in part


def test_doubted_labels_are_counted_and_can_be_left_out(client: Client, admin: User) -> None:
    incidents = decide_reports()
    run = DoubtRun.objects.create()
    for incident in incidents[:6]:
        Doubt.objects.create(
            run=run, incident=incident, label=incident.current_label, quality=0.1, suggested=[], probability=0.9
        )
    assert "6 decided reports" in body(client)
    client.post(URL, {"base": "none", "doubted": "0"})
    assert sum(TrainingRun.objects.get().snapshot.counts.values()) == 84


def test_the_settings_of_an_earlier_run_are_filled_in(client: Client, by_ann: User) -> None:
    old = make_run(
        status="succeeded",
        base_model="/models/mine",
        options={"epochs": 7, "recompute": True},
        selection={"labellers": {str(by_ann.pk): 0.25}, "doubted": 0.0},
    )
    response = client.get(URL, {"like": old.pk})
    form = response.context["form"]
    values = {name: form[name].value() for name in ("base", "other", "epochs", "recompute", "doubted")}
    assert values == {"base": "other", "other": "/models/mine", "epochs": 7, "recompute": "yes", "doubted": 0.0}
    assert form[f"labeller-{by_ann.pk}"].value() == 0.25
    assert client.get(URL, {"like": "x"}).status_code == 404
    assert client.get("/models/lines/detect/train/", {"like": old.pk}).status_code == 404


def test_the_detection_model_is_trained_by_a_form_without_reports_to_choose(client: Client, admin: User) -> None:
    url = "/models/lines/detect/train/"
    page = body(client, url)
    assert "Which reports" not in page and "Advanced" in page
    add_examples()
    client.post(url, {"base": "none", "seed": "5"})
    run = TrainingRun.objects.get()
    assert (run.line, run.options) == ("detect", {"seed": 5})


def test_the_cost_is_told_before_the_start_and_the_same_by_the_command(client: Client, admin: User) -> None:
    decide_reports()
    response = client.get(URL)
    expected = response.context["page"].estimate
    assert "another machine" in response.content.decode() and expected.seconds > 0
    out = StringIO()
    call_command("train", "--dry-run", "--json", stdout=out, stderr=StringIO())
    told = json.loads(out.getvalue())
    assert told["estimate"] == expected.to_json()
    assert told["contents"] == response.context["page"].contents.to_json()
    assert not TrainingRun.objects.exists()


def test_too_little_room_is_told_before_the_start_and_refused(
    client: Client, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide_reports()
    monkeypatch.setattr("classifier.services.room.free_disk_mb", lambda: 100.0)
    assert "The disk has 100\u00a0MB free" in body(client)
    refused = client.post(URL, {"base": "none"}).content.decode()
    assert "alert-danger" in refused and "remove old models" in refused
    assert not TrainingRun.objects.exists()
