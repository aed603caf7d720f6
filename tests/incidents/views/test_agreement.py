"""The page of agreement between people and with the model."""

import csv

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Label, SecondOpinion, User
from incidents.services.agreement import ENOUGH
from tests.builders import make_incident, make_label, make_path, make_user

pytestmark = pytest.mark.django_db
ALL = ("pairs", "times", "accuracy", "following")


@pytest.fixture
def lead(client: Client) -> User:
    user = make_user("lena", role="lead")
    client.force_login(user)
    return user


@pytest.fixture
def people() -> list[User]:
    """Two who agree on half of what they share, and whose names a spreadsheet would take for a formula."""
    people = [make_user("asha", role="analyst"), make_user("@ben", role="analyst")]
    card, wallet = make_path("Fraud", "Card"), make_path("Fraud", "Wallet")
    model = {"suggested": [card.pk], "suggested_confidence": 0.8, "shown_model": "classify-1"}
    for number in range(2 * ENOUGH):
        incident = make_incident(blind=True)
        first = make_label(incident, people[0], [card], seconds=3 + number, blind=True, **model)
        said = card if number % 2 else wallet
        second = make_label(incident, people[1], [said], seconds=60, slot=Label.Slot.SECOND)
        SecondOpinion.objects.create(incident=incident, first=first, second=second, state=SecondOpinion.State.AGREED)
    return people


def rows(client: Client, name: str) -> list[list[str]]:
    return list(csv.reader(client.get(reverse("agreement-numbers", args=[name])).content.decode().splitlines()))


def test_only_leads_see_it(client: Client, people: list[User]) -> None:
    assert client.get(reverse("agreement")).status_code == 302
    client.force_login(people[0])
    assert client.get(reverse("agreement")).status_code == 403
    assert client.get(reverse("agreement-numbers", args=["pairs"])).status_code == 403


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("people", "No second opinions in this time"),
        ("model", "Nothing was decided blind"),
        ("times", "Too few decisions in this time"),
        ("secrets", "No second opinions in this time"),
    ],
)
def test_an_empty_time_says_what_would_fill_it(client: Client, lead: User, part: str, said: str) -> None:
    assert said in client.get(reverse("agreement"), {"part": part}).content.decode()


def test_figures_stand_with_their_number_and_interval(client: Client, lead: User, people: list[User]) -> None:
    people_part, model, taken = (
        client.get(reverse("agreement"), {"part": part}).content.decode() for part in ("people", "model", "times")
    )
    assert "n = 20" in people_part and "10 of 20 reports" in people_part
    assert "classify-1" in model and "too few decisions" in model
    assert '<svg class="box"' in taken


def test_the_page_fetches_its_other_parts_of_the_same_days(client: Client, lead: User) -> None:
    page = client.get(reverse("agreement"), {"days": 7}).content.decode()
    assert 'hx-get="?days=7&amp;part=model"' in page and 'href="?days=7&amp;part=times"' in page
    part = client.get(
        reverse("agreement"), {"days": 7, "part": "times"}, headers={"hx-request": "true"}
    ).content.decode()
    assert "Time per decision" in part and "<html" not in part


def test_the_numbers_come_as_csv_that_no_spreadsheet_runs(client: Client, lead: User, people: list[User]) -> None:
    header, everybody, pair = rows(client, "pairs")
    assert header[:3] == ["measure", "person", "other_person"]
    assert everybody[0] == "Krippendorff's alpha" and everybody[3:5] == ["20", "10"]
    assert pair[1:5] == ["'@ben", "asha", "20", "10"]
    assert rows(client, "times")[1][:2] == ["'@ben", "20"]
    assert rows(client, "accuracy")[1][1:5] == ["labels", "20", "20", "1.0"]
    assert rows(client, "following")[2][:3] == ["hidden", "20", "20"]


@pytest.mark.parametrize("name", ALL)
def test_numbers_of_an_empty_time_are_a_header(client: Client, lead: User, name: str) -> None:
    assert len(rows(client, name)) >= 1


def test_days_that_cannot_be_are_said(client: Client, lead: User) -> None:
    assert (
        "lies before" in client.get(reverse("agreement"), {"from": "2026-02-02", "to": "2026-01-01"}).content.decode()
    )
    assert client.get(reverse("agreement-numbers", args=["pairs"]), {"from": "soon"}).status_code == 404
    assert client.get(reverse("agreement-numbers", args=["secrets"])).status_code == 404


def test_the_page_takes_a_constant_number_of_queries(
    client: Client, lead: User, people: list[User], django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(25):
        client.get(reverse("agreement"))
