"""The pages on which a lead settles disputes."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Incident, Label, SecondOpinion, Setting, User
from incidents.services import reviewing
from tests.builders import make_incident, make_path, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client: Client) -> User:
    user = make_user("lena", role="lead")
    client.force_login(user)
    return user


@pytest.fixture
def opinion() -> SecondOpinion:
    """Asha says card, Ben says wallet."""
    Setting.objects.create(key="second_opinion_share", value=1.0)
    incident = make_incident(status=Incident.Status.CLASSIFIED)
    make_path("Hacking")
    for name, path in (("asha", make_path("Fraud", "Card")), ("ben", make_path("Fraud", "Wallet"))):
        person = make_user(name, role="analyst")
        reviewing.next_report(person)
        reviewing.decide(incident, reviewer=person, verdict="confirm", paths=[path], reason=f"because of {path}")
    return SecondOpinion.objects.get()


def url(opinion: SecondOpinion, name: str = "dispute") -> str:
    return reverse(name, args=[opinion.pk])


def letter_of(client: Client, opinion: SecondOpinion, name: str) -> str:
    sides = client.get(url(opinion)).context["page"].sides
    return next(side.letter for side in sides if side.label.reviewer.username == name)


def test_only_leads_settle(client: Client, opinion: SecondOpinion) -> None:
    assert client.get(reverse("disputes")).status_code == 302
    client.force_login(make_user(role="analyst"))
    for address in (reverse("disputes"), url(opinion)):
        assert client.get(address).status_code == 403
    assert client.post(url(opinion), {"choice": "A"}).status_code == 403
    assert client.post(url(opinion, "dispute-undo")).status_code == 403
    assert Label.objects.count() == 2


def test_who_said_what_is_hidden_until_it_is_settled(client: Client, lead: User, opinion: SecondOpinion) -> None:
    for address in (reverse("disputes"), url(opinion)):
        body = client.get(address).content.decode()
        assert "asha" not in body and "ben" not in body.replace("benefit", "")
        assert "Card" in body and "Wallet" in body and "because of Fraud / Card" in body
    client.post(url(opinion), {"choice": "A"})
    assert "asha" in client.get(url(opinion)).content.decode()


def test_the_right_one_stands(client: Client, lead: User, opinion: SecondOpinion) -> None:
    answer = client.post(url(opinion), {"choice": letter_of(client, opinion, "ben"), "reason": "Clearly."})
    assert answer.url == reverse("disputes")
    opinion.refresh_from_db()
    label = opinion.incident.current_label
    assert (label.reviewer, label.slot, label.reason) == (lead, Label.Slot.ADJUDICATION, "Clearly.")
    assert [str(path) for path in label.paths.all()] == ["Fraud / Wallet"]


def test_a_lead_may_choose_other_labels_or_none(client: Client, lead: User, opinion: SecondOpinion) -> None:
    client.post(url(opinion), {"paths": [make_path("Hacking").pk]})
    opinion.refresh_from_db()
    assert [str(path) for path in opinion.incident.current_label.paths.all()] == ["Hacking"]
    client.post(url(opinion, "dispute-undo"))
    client.post(url(opinion), {"choice": "reject"})
    opinion.incident.refresh_from_db()
    assert opinion.incident.status == Incident.Status.REJECTED


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose which of them is right"),
        ({"choice": "labels"}, "Choose at least one label"),
        ({"choice": "C"}, "Select a valid choice"),
        ({"choice": "A", "paths": ["card"]}, "no such label"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_settled(
    client: Client, lead: User, opinion: SecondOpinion, sent: dict[str, object], said: str
) -> None:
    assert said in client.post(url(opinion), sent).content.decode()
    assert Label.objects.count() == 2


def test_ticked_labels_beside_a_side_are_not_dropped_in_silence(
    client: Client, lead: User, opinion: SecondOpinion
) -> None:
    hacking = make_path("Hacking")
    body = client.post(url(opinion), {"choice": "A", "paths": [hacking.pk]}).content.decode()
    assert "You ticked labels, too" in body
    assert f'value="{hacking.pk}" checked' in body


def test_somebody_who_was_unsure_cannot_be_right(client: Client, lead: User, opinion: SecondOpinion) -> None:
    Label.objects.filter(reviewer__username="ben").update(verdict=Label.Verdict.UNSURE)
    body = client.post(url(opinion), {"choice": letter_of(client, opinion, "ben")}).content.decode()
    assert "was unsure: choose labels" in body


def test_what_was_settled_meanwhile_is_said(client: Client, lead: User, opinion: SecondOpinion) -> None:
    client.post(url(opinion), {"choice": "A"})
    again = client.post(url(opinion), {"choice": "B"}, follow=True)
    assert "Somebody else has settled it" in again.content.decode()
    assert Label.objects.filter(slot=Label.Slot.ADJUDICATION).count() == 1


def test_settling_is_undone_from_the_list(client: Client, lead: User, opinion: SecondOpinion) -> None:
    client.post(url(opinion), {"choice": "A"})
    assert "Settled lately" in client.get(reverse("disputes")).content.decode()
    assert client.post(url(opinion, "dispute-undo")).url == url(opinion)
    assert client.get(reverse("disputes")).context["rows"]


def test_nothing_to_settle_is_no_error(client: Client, lead: User) -> None:
    assert "Nothing to settle" in client.get(reverse("disputes")).content.decode()
    assert client.get(reverse("dispute", args=[7])).status_code == 404


def test_the_list_takes_a_constant_number_of_queries(
    client: Client, lead: User, opinion: SecondOpinion, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(25):
        client.get(reverse("disputes"))


def test_the_pages_of_leads_stand_beside_the_other_pages_about_many_reports(
    client: Client, lead: User, opinion: SecondOpinion
) -> None:
    for address, here in (
        (reverse("disputes"), "disputes"),
        (url(opinion), "disputes"),
        (reverse("agreement"), "agreement"),
    ):
        tabs = client.get(address).content.decode().split('class="page-tabs"')[1].split("</nav>")[0]
        for name in ("queue", "themes", "doubts", "bulk-runs", "agreement", "disputes"):
            assert f'href="{reverse(name)}"' in tabs
        assert tabs.count("aria-current") == 1
        assert f'href="{reverse(here)}" aria-current="page"' in tabs
