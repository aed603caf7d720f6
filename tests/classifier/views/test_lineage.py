"""Pages of where a version comes from."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classifier.models import ModelVersion, TrainingRun
from classifier.services.model_card import card_of
from classifier.services.training import request_training
from incidents.models import Incident, SecondOpinion, User
from tests.builders import make_user
from tests.classifier.commands.conftest import run
from tests.classifier.services.conftest import decide_reports, run_to_end

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(caseloop_home: Path) -> ModelVersion:
    decide_reports()
    return run_to_end(request_training(base_model="none")).version


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user("ann", role="analyst")
    client.force_login(user)
    return user


def body(client: Client, name: str, pk: int) -> str:
    answer = client.get(reverse(name, args=[pk]))
    assert answer.status_code == 200
    return b"".join(answer).decode()


def test_the_labels_are_listed_and_sent_as_lines(client: Client, analyst: User, version: ModelVersion) -> None:
    page = body(client, "model-labels", version.pk)
    assert version.snapshot.content_hash in page and "Fraud / Vishing" in page and "1 to 50 of 90" in page
    assert len(body(client, "model-labels-file", version.pk).splitlines()) == 91


def test_a_label_stays_hidden_from_who_gives_a_second_opinion(
    client: Client, analyst: User, version: ModelVersion
) -> None:
    report = version.snapshot.rows.order_by("pk").first().incident
    soon = timezone.now() + dt.timedelta(minutes=5)
    SecondOpinion.objects.create(
        incident=report, first=report.current_label, state="held", claimed_by=analyst, claim_expires_at=soon
    )
    assert "hidden until you have given your opinion" in body(client, "model-labels", version.pk)
    lines = map(json.loads, body(client, "model-labels-file", version.pk).splitlines()[1:])
    assert [line["report"] for line in lines if line["paths"] is None] == [report.pk]
    tab = client.get(reverse("incident", args=[report.pk]) + "?tab=predictions").content.decode()
    assert version.name not in tab.split("Models that learned from it")[1][:400]


def test_the_card_is_a_page_markdown_and_json_with_the_same_figures(
    client: Client, analyst: User, version: ModelVersion
) -> None:
    told = json.loads(body(client, "model-card-json", version.pk))
    assert told == json.loads(json.dumps(card_of(version).to_json()))
    told_by_command = run("model_card", version.name, "--json").json
    assert {key: value for key, value in told_by_command.items() if key != "markdown"} == told
    page = body(client, "model-card", version.pk)
    first = card_of(version).levels[0].classes[0]
    assert f"{first.f1.value * 100:.1f}\u00a0%" in page and first.label in page
    assert body(client, "model-card-markdown", version.pk) == run("model_card", version.name).out


def test_a_report_shows_which_models_learned_from_it(client: Client, analyst: User, version: ModelVersion) -> None:
    report = Incident.objects.filter(split="train").first()
    page = client.get(reverse("incident", args=[report.pk]) + "?tab=predictions").content.decode()
    assert "Models that learned from it" in page and version.name in page


def test_an_admin_has_a_version_built_again(client: Client, version: ModelVersion, analyst: User) -> None:
    address = reverse("model-rebuild", args=[version.pk])
    assert client.post(address).status_code == 403
    client.force_login(make_user(role="admin"))
    assert client.post(address).status_code == 302
    again = TrainingRun.objects.get(rebuild_of=version)
    run_to_end(again)
    page = client.get(reverse("training-run", args=[again.pk])).content.decode()
    assert "the same files, the same figures" in page


def test_a_version_is_built_again_by_command(version: ModelVersion) -> None:
    told = run("rebuild", version.name, "--json").json
    assert (told["model"], told["same"], told["unlike"]) == (version.name, True, [])


def test_reporters_see_none_of_it(client: Client, version: ModelVersion) -> None:
    client.force_login(make_user(role="reporter"))
    for name in ("model-labels", "model-labels-file", "model-card", "model-card-markdown", "model-card-json"):
        assert client.get(reverse(name, args=[version.pk])).status_code == 403
