"""The page of themes."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Theme, ThemeRun, User
from tests.builders import make_incident, make_user
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def theme() -> Theme:
    run = ThemeRun.objects.create(status="done", reports=9, alone=4)
    ThemeRun.objects.update(finished_at=run.created_at)
    theme = Theme.objects.create(run=run, name="invoice, transfer")
    for number in range(5):  # one by one: the most typical come first
        theme.incidents.add(make_incident(title=f"Invoice {number}"))
    return theme


def test_only_analysts_see_themes(client: Client, theme: Theme) -> None:
    addresses = [reverse("themes"), reverse("themes-state"), reverse("theme", args=[theme.pk])]
    assert client.get(addresses[0]).status_code == 302
    client.force_login(make_user())
    assert {client.get(address).status_code for address in addresses} == {403}
    assert client.post(reverse("themes-find")).status_code == 403


def test_before_any_run_the_page_says_what_to_do(client: Client, analyst: User) -> None:
    assert "No themes were found yet" in client.get(reverse("themes")).content.decode()
    client.post(reverse("themes-find"))
    client.post(reverse("themes-find"))
    assert Job.objects.get().kind == "find_themes" and ThemeRun.objects.get().by == analyst
    assert "Waiting for a worker" in client.get(reverse("themes")).content.decode()


def test_a_theme_shows_its_size_its_examples_and_what_is_in_none(client: Client, analyst: User, theme: Theme) -> None:
    body = client.get(reverse("themes")).content.decode()
    assert "invoice, transfer" in body and "Invoice 0" in body and "4 of them are in no theme" in body
    assert ThemeRun.objects.get().looked_at


def test_a_theme_leads_to_its_reports(client: Client, analyst: User, theme: Theme) -> None:
    body = client.get(reverse("theme", args=[theme.pk])).content.decode()
    assert all(f"Invoice {number}" in body for number in range(5)) and "5 reports" in body


def test_an_earlier_theme_leads_back_to_the_present_ones(client: Client, analyst: User) -> None:
    body = client.get(reverse("theme", args=[99]), follow=True).content.decode()
    assert "found anew meanwhile" in body


def test_failure_is_visible(client: Client, analyst: User, theme: Theme) -> None:
    client.post(reverse("themes-find"))
    Job.objects.update(status="failed", error="The disk is full.")
    response = client.get(reverse("themes-state"))
    assert response.status_code == 286 and "The disk is full." in response.content.decode()
    assert "invoice, transfer" in client.get(reverse("themes")).content.decode()


def test_pages_take_the_same_number_of_queries_however_many(
    client: Client, analyst: User, theme: Theme, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(16):
        client.get(reverse("themes"))
    with django_assert_max_num_queries(12):
        client.get(reverse("theme", args=[theme.pk]))
