"""The page of models."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from classifier.ml.artifact import CLASSIFIER, FORMATS, MANIFEST, Manifest, write_artifact
from classifier.models import Promotion
from incidents.models import User
from tests.builders import make_evaluation, make_path, make_run, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client, caseloop_home: Path) -> User:
    user = make_user("ada", role="admin")
    client.force_login(user)
    return user


def body(client: Client) -> str:
    response = client.get(reverse("models"))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(("role", "status"), [("reporter", 403), ("analyst", 200), ("lead", 200), ("admin", 200)])
def test_analysts_may_look_and_reporters_not(client: Client, role: str, status: int) -> None:
    client.force_login(make_user(role=role))
    assert client.get(reverse("models")).status_code == status


def test_only_admins_see_and_use_what_changes_models(client: Client) -> None:
    version = make_version()
    client.force_login(make_user(role="lead"))
    page = body(client)
    assert "Set up a training" not in page and "Promote" not in page
    assert client.post(reverse("model-promote", args=[version.pk])).status_code == 403
    assert client.post(reverse("model-roll-back")).status_code == 403


def test_without_a_model_the_page_says_what_to_do(client: Client, admin: User) -> None:
    assert "No model serves yet" in body(client)


def test_the_champion_and_the_others_stand_with_their_figures(client: Client, admin: User) -> None:
    make_path("Hacking")
    champion, challenger = make_version(name="big-v1", stage="champion"), make_version(name="big-v2")
    make_evaluation(champion)
    make_version(name="unmeasured-v3")
    page = client.get(reverse("models")).context["page"]
    assert page.champion.version == champion and page.champion.figures["n"] == 200
    assert [card.version.name for card in page.others] == ["unmeasured-v3", challenger.name]
    assert "80.0\u00a0%" in body(client)


def champion_of_format(number: int) -> None:
    version = make_version(name="old-v1", stage="champion")
    write_artifact(version.artefact, Manifest(CLASSIFIER, (), "none", "", "", {}), lambda folder: None)
    manifest = version.artefact / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text("utf-8")) | {"format_version": number}), "utf-8")


@pytest.mark.parametrize("url", ["/models/", "/"])
@pytest.mark.parametrize(("role", "told"), [("analyst", "An admin trains a new version"), ("admin", ">Train a new")])
def test_a_champion_of_an_earlier_format_is_told_with_what_to_do(
    client: Client, caseloop_home: Path, role: str, told: str, url: str
) -> None:
    champion_of_format(1)
    client.force_login(make_user(role=role))
    page = client.get(url).content.decode()
    assert "old-v1 cannot be read, so reports are kept and wait" in page
    assert "has format 1, this code reads 2" in page and told in page


@pytest.mark.parametrize("url", ["/models/", "/"])
def test_a_champion_that_can_be_read_needs_no_words(client: Client, admin: User, url: str) -> None:
    champion_of_format(FORMATS[CLASSIFIER][-1])
    assert "cannot be read" not in client.get(url).content.decode()


def test_while_one_runs_the_page_says_since_when_and_by_whom(client: Client, admin: User) -> None:
    make_run(status="running", requested_by=make_user("grace", "admin"))
    page = body(client)
    assert "by grace. One training at a time." in page
    assert 'hx-trigger="every 2s"' in page


def test_trainings_are_listed_with_their_failures(client: Client, admin: User) -> None:
    make_run(status="failed", error="The disk is full.")
    page = body(client)
    assert "The disk is full." in page and "every 2s" not in page


def test_the_number_of_queries_does_not_grow_with_the_versions(client: Client) -> None:
    client.force_login(make_user(role="admin"))
    counts = []
    for _ in range(3):
        version = make_version()
        make_evaluation(version)
        Promotion.objects.create(action="promote", version=version, by=make_user())
        client.get("/models/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/models/")
        counts.append(len(queries))
    assert counts == [counts[0]] * 3
