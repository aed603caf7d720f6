"""The page of a version, and the moves of the champion's place."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from classifier.ml.variant import VariantMeasure
from classifier.models import ModelVersion, Promotion
from classifier.services.training import request_training
from incidents.models import Setting, User
from tests.builders import make_evaluation, make_figures, make_path, make_user, make_version
from tests.classifier.services.conftest import decide_reports, run_to_end

pytestmark = pytest.mark.django_db
Stage = ModelVersion.Stage


@pytest.fixture
def admin(client: Client, caseloop_home: Path) -> User:
    user = make_user("ada", role="admin")
    client.force_login(user)
    return user


@pytest.fixture
def pair(admin: User) -> tuple[ModelVersion, ModelVersion]:
    """Two trained linear models: the champion and a challenger. Nine test reports are enough here."""
    Setting.objects.create(key="gate_min_reports", value=0)
    decide_reports()
    champion = run_to_end(request_training(base_model="none")).version
    return champion, run_to_end(request_training(base_model="none", force=True)).version


def test_a_version_stands_beside_its_parts_and_the_champion(client: Client, admin: User) -> None:
    make_path("Hacking")
    version = make_version(name="big-v2")
    champion = make_version(name="big-v1", stage="champion", snapshot=version.snapshot)
    for part, accuracy in (("served", 0.9), ("t5", 0.7), ("linear", 0.8)):
        make_evaluation(version, part, figures=make_figures(accuracy))
    make_evaluation(champion, figures=make_figures(0.85))
    page = client.get(reverse("model-version", args=[version.pk])).context["page"]
    assert [column.title for column in page.columns] == ["big-v2", "T5 alone", "Linear alone", "big-v1 (champion)"]
    first = page.rows[0]
    assert [cell.text for cell in first.cells] == ["90.0\u00a0%", "70.0\u00a0%", "80.0\u00a0%", "85.0\u00a0%"]
    assert [cell.best for cell in first.cells] == [True, False, False, False]


def test_a_version_without_figures_or_artefact_still_has_a_page(client: Client, admin: User) -> None:
    version = make_version()
    page = client.get(reverse("model-version", args=[version.pk])).content.decode()
    assert "This version was not measured yet." in page
    assert "no model at" in page


def test_a_trained_version_shows_its_artefact_and_every_class(
    client: Client, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    page = client.get(reverse("model-version", args=[pair[1].pk])).context["page"]
    assert len(page.artefact_hash) == 64 and page.artefact_error == ""
    assert {row.label for row in page.confusion.rows} >= {"Fraud", "Attack", "Abuse"}
    assert [name for name, _ in page.class_tables] == ["Category", "Sub-category", "Both"]


def test_promotion_is_asked_for_and_then_done(
    client: Client, admin: User, pair: tuple[ModelVersion, ModelVersion]
) -> None:
    champion, challenger = pair
    address = reverse("model-promote", args=[challenger.pk])
    assert "Reason" in client.get(address).content.decode()
    champion.refresh_from_db()
    assert champion.stage == Stage.CHAMPION
    client.post(address, {"reason": "better on cards"})
    promotion = Promotion.objects.first()
    assert (promotion.version, promotion.by, promotion.reason) == (challenger, admin, "better on cards")


def test_roll_back_puts_the_previous_in_charge(client: Client, pair: tuple[ModelVersion, ModelVersion]) -> None:
    champion, challenger = pair
    client.post(reverse("model-promote", args=[challenger.pk]))
    assert champion.name in client.get(reverse("model-roll-back")).content.decode()
    client.post(reverse("model-roll-back"), {"reason": "worse"})
    assert ModelVersion.objects.champion() == champion


def test_roll_back_without_a_previous_says_so(client: Client, admin: User) -> None:
    response = client.get(reverse("model-roll-back"), follow=True)
    assert "There is no earlier version to go back to." in response.content.decode()


def test_a_refused_promotion_says_why(client: Client, admin: User) -> None:
    version = make_version()
    response = client.post(reverse("model-promote", args=[version.pk]))
    assert "cannot be used" in response.content.decode()
    version.refresh_from_db()
    assert version.stage == Stage.CHALLENGER


def test_an_unknown_version_is_not_found(client: Client, admin: User) -> None:
    assert client.get(reverse("model-version", args=[999])).status_code == 404


def test_it_says_how_it_is_served_on_cpus_and_why(client: Client, admin: User) -> None:
    measured = VariantMeasure(n=400, agreement=0.98, largest_change=0.2, lowest_cosine=0.999, speedup=1.5)
    version = make_version(int8=measured.to_json())
    page = client.get(reverse("model-version", args=[version.pk])).content.decode()
    assert "Served on CPUs as" in page
    assert "98.00% of 400 reports decided alike, and 99% are needed" in page


@pytest.mark.parametrize("stored", [[], "int8", {"n": "many"}, {"agreement": 7, "passed": True}], ids=str)
def test_nonsense_in_the_int8_field_reads_as_not_measured(client: Client, admin: User, stored: object) -> None:
    version = make_version(int8=stored)
    page = client.get(reverse("model-version", args=[version.pk])).content.decode()
    assert "float32: int8 is not measured: 0 of 200" in page
