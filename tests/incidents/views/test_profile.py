"""The page of the data profile."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import ProfileRun, User
from incidents.roles import ADMIN, ANALYST, LEAD, REPORTER
from incidents.services.profile import profile_database
from tests.builders import make_incident, make_label, make_path, make_user
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client: Client) -> User:
    user = make_user("lena", role=LEAD)
    client.force_login(user)
    return user


@pytest.fixture
def measured() -> ProfileRun:
    """A measuring of two reports with the same text, one of them decided."""
    incident = make_incident(text="A card was used abroad.", status="decided")
    incident.current_label = make_label(incident, paths=[make_path("Financial fraud", "Card fraud")])
    incident.save()
    make_incident(text="A card was used abroad.")
    run = ProfileRun.objects.create(status="done", figures=profile_database().to_json())
    ProfileRun.objects.update(finished_at=run.created_at)
    return run


def body(client: Client, name: str = "profile", **options: str) -> str:
    return client.get(reverse(name), **options).content.decode()


@pytest.mark.parametrize("role", [REPORTER, ANALYST])
def test_reporters_and_analysts_may_not_see_it(client: Client, role: str) -> None:
    client.force_login(make_user(role=role))
    assert {client.get(reverse(name)).status_code for name in ("profile", "profile-state")} == {403}
    assert client.post(reverse("profile-measure")).status_code == 403


def test_it_needs_an_account(client: Client) -> None:
    assert client.get("/profile/").headers["Location"] == "/accounts/login/?next=/profile/"


@pytest.mark.parametrize("role", [LEAD, ADMIN])
def test_it_shows_the_figures_of_the_last_measuring(client: Client, role: str, measured: ProfileRun) -> None:
    make_incident(text="Filed later.")
    client.force_login(make_user(role=role))
    response = client.get("/profile/")
    profile = response.context["profile"]
    assert (profile.rows, profile.labelled, profile.duplicates) == (2, 1, 1)
    page = response.content.decode()
    assert "Card fraud" in page and "Web form" in page and "Measured now." in page and "Measure again" in page


def test_without_reports_it_says_what_to_do(client: Client, lead: User) -> None:
    page = body(client)
    assert "There are no reports yet" in page and "Measure again" not in page
    assert not Job.objects.exists()


def test_the_first_visit_has_the_reports_measured(client: Client, lead: User) -> None:
    make_incident()
    page = body(client)
    assert "The reports are being measured" in page and 'hx-trigger="every 2s"' in page
    assert "There are no reports yet" not in page
    assert Job.objects.get(kind="measure_profile").status == "queued"
    assert client.get(reverse("profile-state")).status_code == 200


def test_measuring_again_is_asked_for_once(client: Client, lead: User, measured: ProfileRun) -> None:
    assert client.post(reverse("profile-measure")).headers["Location"] == "/profile/"
    assert "being measured already" in client.post(reverse("profile-measure"), follow=True).content.decode()
    assert ProfileRun.objects.latest("pk").by == lead and Job.objects.filter(kind="measure_profile").count() == 1
    assert "Card fraud" in body(client)


def test_whoever_waits_is_led_to_the_new_figures(client: Client, lead: User, measured: ProfileRun) -> None:
    response = client.get(reverse("profile-state"))
    assert response.status_code == 286 and "The reports are measured." in response.content.decode()
    assert "The reports are measured." not in body(client)


def test_failure_is_visible_beside_the_earlier_figures(client: Client, lead: User, measured: ProfileRun) -> None:
    client.post(reverse("profile-measure"))
    Job.objects.filter(kind="measure_profile").update(status="failed", error="The disk is full.")
    assert client.get(reverse("profile-state")).status_code == 286
    page = body(client)
    assert "The disk is full." in page and "Card fraud" in page


def test_names_of_figures_are_in_the_language_of_the_reader(client: Client, lead: User, measured: ProfileRun) -> None:
    page = body(client, headers={"accept-language": "de"})
    assert "Webformular" in page and "Zeichen" in page and "Unterkategorie" in page


def test_the_page_takes_a_handful_of_queries(
    client: Client, lead: User, measured: ProfileRun, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(12):
        client.get("/profile/")
