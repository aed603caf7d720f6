"""Joining reports, answering offers and taking reports apart, on the page."""

import pytest
from django.test import Client
from django.urls import reverse

from classifier.services import vectors
from incidents.models import AlikeAnswer, Incident, User
from incidents.services import alike_memory, merging, reviewing
from tests.builders import make_incident, make_user, make_version
from tests.classifier.services.test_similar import ENCODER, embed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "_kept", {})
    monkeypatch.setattr(alike_memory, "_fill_beside", lambda: None)


@pytest.fixture
def analyst(client: Client) -> User:
    user = make_user("asha", role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def pair() -> tuple[Incident, Incident]:
    make_version(stage="champion", encoder_hash=ENCODER)
    first = embed(make_incident(title="The first call", status="classified"), 1, 0)
    return first, embed(make_incident(title="The second call", status="classified"), 1, 0.02)


def url(name: str, incident: Incident) -> str:
    return reverse(name, args=[incident.pk])


def test_only_analysts_join_reports(client: Client, pair: tuple[Incident, Incident]) -> None:
    first, second = pair
    assert client.get(url("merge", first)).status_code == 302
    client.force_login(make_user())
    for name in ("merge", "alike-offer"):
        assert client.get(url(name, first)).status_code == 403
    for name in ("merge", "unmerge", "alike-answer"):
        assert client.post(url(name, first), {"into": second.pk, "same": "yes"}).status_code == 403
    assert not AlikeAnswer.objects.exists()


def test_a_report_is_joined_by_number_and_taken_apart_on_its_page(
    client: Client, analyst: User, pair: tuple[Incident, Incident]
) -> None:
    first, second = pair
    body = client.post(url("merge", second), {"into": f"#{first.pk}"}, follow=True).content.decode()
    assert f"Report #{second.pk} is joined to report #{first.pk}." in body and url("unmerge", second) in body
    assert "1 report is joined to this one" in client.get(url("incident", first)).content.decode()
    body = client.post(url("unmerge", second), follow=True).content.decode()
    assert "stands for itself again" in body
    second.refresh_from_db()
    assert (second.status, second.merged_into) == ("classified", None)


def test_the_page_lists_what_looks_alike(client: Client, analyst: User, pair: tuple[Incident, Incident]) -> None:
    first, second = pair
    body = client.get(url("merge", second)).content.decode()
    assert "The first call" in body and f"Join to #{first.pk}" in body


@pytest.mark.parametrize(
    ("into", "said"),
    [
        ("", "Write its number"),
        ("abc", "Write a number"),
        ("999999", "no report of this number"),
        ("9" * 19, "Write a number"),
    ],
)
def test_what_is_no_report_is_refused_in_plain_words(client: Client, analyst: User, into: str, said: str) -> None:
    response = client.post(url("merge", make_incident()), {"into": into})
    assert response.status_code == 200 and said in response.content.decode()


def test_circles_and_what_another_holds_are_refused_in_plain_words(
    client: Client, analyst: User, pair: tuple[Incident, Incident]
) -> None:
    first, second = pair
    assert "joined to itself" in client.post(url("merge", first), {"into": first.pk}).content.decode()
    reviewing.claim(second, make_user(role="analyst"))
    body = client.post(url("merge", second), {"into": first.pk}).content.decode()
    assert "Somebody else holds this report" in body
    assert "is not joined" in client.post(url("unmerge", first), follow=True).content.decode()


def test_an_offer_asks_with_the_reason_and_takes_both_answers(
    client: Client, analyst: User, pair: tuple[Incident, Incident]
) -> None:
    first, second = pair
    body = client.get(url("alike-offer", second)).content.decode()
    assert f"report #{first.pk}" in body and "Both speak of" in body and "alike" in body
    answer = {"into": first.pk, "same": "no"}
    response = client.post(url("alike-answer", second), answer, headers={"hx-request": "true"})
    assert "different things" in response.content.decode()
    assert client.get(url("alike-offer", second)).content.decode().strip() == ""
    client.post(url("alike-answer", second), answer | {"same": "yes"})
    second.refresh_from_db()
    assert second.merged_into == first


def test_without_a_script_no_leads_back_to_the_report(
    client: Client, analyst: User, pair: tuple[Incident, Incident]
) -> None:
    first, second = pair
    response = client.post(url("alike-answer", second), {"into": first.pk, "same": "no"})
    assert response.url == url("incident", second)
    response = client.post(url("alike-answer", second), {"into": first.pk, "same": "perhaps"}, follow=True)
    assert "could not be read" in response.content.decode()


def test_the_reporter_learns_that_it_is_handled_with_another_and_nothing_of_it(
    client: Client, pair: tuple[Incident, Incident]
) -> None:
    first, second = pair
    merging.merge(second, first, by=make_user(role="analyst"))
    body = client.get(reverse("receipt", args=[second.receipt_token])).content.decode()
    assert "handled together with another" in body
    assert "The first call" not in body and f"#{first.pk}" not in body


def test_a_joined_report_is_taken_apart_before_it_is_reviewed_again(
    client: Client, analyst: User, pair: tuple[Incident, Incident]
) -> None:
    first, second = pair
    merging.merge(second, first, by=analyst)
    body = client.post(url("review-claim", second), follow=True).content.decode()
    assert "Take it apart first" in body
    second.refresh_from_db()
    assert second.status == "merged"


def test_the_list_says_how_many_are_joined_to_a_report(
    client: Client, analyst: User, pair: tuple[Incident, Incident]
) -> None:
    first, second = pair
    merging.merge(second, first, by=analyst)
    (row,) = client.get(reverse("queue")).context["page"].rows
    assert (row.incident, row.joined) == (first, 1)
    assert "1 joined to it" in client.get(reverse("queue")).content.decode()
