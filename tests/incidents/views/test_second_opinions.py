"""Two people review one report and neither is told; and what the audit hides."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from incidents.models import Incident, Label, SecondOpinion, Setting, User
from incidents.services import reporter_messages, reviewing
from tests.builders import TEXT, make_api_client, make_incident, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db
LABELS = ("Card", "Wallet")


@pytest.fixture
def first() -> User:
    return make_user("first-person", role="analyst")


@pytest.fixture
def second(client: Client) -> User:
    user = make_user("second-person", role="analyst")
    client.force_login(user)
    return user


@pytest.fixture
def incident(first: User) -> Incident:
    """Decided by the first person, otherwise than the model suggested, and drawn for a second opinion."""
    Setting.objects.create(key="second_opinion_share", value=1.0)
    paths = [make_path("Fraud", name) for name in LABELS]
    report = make_incident()
    make_prediction(report, make_version(stage="champion"), [0.7, 0.3])
    reviewing.claim(report, first)
    reviewing.decide(report, reviewer=first, verdict="correct", paths=paths[1:], reason="Hears of a wallet.")
    return report


def body_of(client: Client, name: str, incident: Incident) -> str:
    return client.get(reverse(name, args=[incident.pk])).content.decode()


def without_numbers(body: str) -> str:
    """A page without what differs between any two reports: numbers, the token of forms, times."""
    body = re.sub(r'value="[A-Za-z0-9]{64}"|"x-csrftoken": "[^"]*"|<time.*?</time>', "", body, flags=re.DOTALL)
    return re.sub(r"\d+", "0", body)


def told(body: str) -> str:
    """A page without the list of people that a report can be assigned to."""
    return re.sub(r"<option.*?</option>", "", body, flags=re.DOTALL)


def test_the_page_is_that_of_an_ordinary_report(client: Client, second: User, incident: Incident) -> None:
    assert client.get(reverse("review")).url == reverse("review-report", args=[incident.pk])
    again = body_of(client, "review-report", incident)
    reviewing.release(incident, second)
    ordinary = make_incident()
    make_prediction(ordinary, incident.predictions.get().version, [0.7, 0.3])
    assert without_numbers(body_of(client, "review-report", ordinary)) == without_numbers(again)


def test_no_page_tells_what_was_decided_before(client: Client, second: User, incident: Incident) -> None:
    client.get(reverse("review"))
    for name in ("review-report", "incident"):
        body = told(body_of(client, name, incident))
        assert "first-person" not in body and "Hears of a wallet" not in body
    assert "Nobody has decided this report yet" in body_of(client, "incident", incident)
    answer = make_api_client(second).get(f"/api/v1/incidents/{incident.pk}/").json()
    assert (answer["decision"], answer["decided_at"], answer["status"]) == (None, None, "in_review")


def test_what_the_first_person_chose_is_not_ticked(client: Client, second: User, incident: Incident) -> None:
    client.get(reverse("review"))
    choices = client.get(reverse("review-report", args=[incident.pk])).context["page"].choices
    assert [str(choice.path) for choice in choices if choice.chosen] == ["Fraud / Card"]


def test_two_people_end_to_end(client: Client, second: User, incident: Incident) -> None:
    address = client.get(reverse("review")).url
    paths = [make_path("Fraud", "Card").pk]
    sent = {"verdict": "confirm", "paths": paths, "revision": incident.current_text_id}
    answer = client.post(address, sent, follow=True)
    assert f"Report #{incident.pk}: confirmed" in answer.content.decode()
    opinion = SecondOpinion.objects.get()
    assert (opinion.state, opinion.second.reviewer) == (SecondOpinion.State.DISPUTED, second)
    assert "first-person" in told(body_of(client, "incident", incident)), "now that it is given, nothing is hidden"
    assert client.post(address, sent).status_code == 302, "a double click does no harm"
    assert Label.objects.filter(reviewer=second).count() == 1
    client.post(reverse("review-undo"))
    opinion.refresh_from_db()
    assert opinion.state == SecondOpinion.State.HELD


def test_a_refused_form_tells_no_more_than_the_page(client: Client, second: User, incident: Incident) -> None:
    address = client.get(reverse("review")).url
    refused = client.post(address, {"verdict": "unsure", "revision": incident.current_text_id}).content.decode()
    assert "first-person" not in refused and "Hears of a wallet" not in refused


def test_the_list_of_ones_own_decisions_names_only_ones_own(client: Client, second: User, incident: Incident) -> None:
    client.get(reverse("review"))
    recent = client.get(reverse("review-report", args=[incident.pk])).context["standing"].recent
    assert list(recent) == []


@pytest.fixture
def blind(second: User) -> Incident:
    """A report of the audit, whose prediction names labels that no other report and no guide on the page names."""
    report = make_incident(blind=True)
    for name in LABELS:
        make_path("Fraud", name)
    make_prediction(report, make_version(stage="champion", name="classify-secret"), [0.9, 0.1])
    Incident.objects.filter(pk=report.pk).update(standing_category="")
    return report


def test_nothing_of_a_blind_prediction_is_on_the_review_page(client: Client, second: User, blind: Incident) -> None:
    body = body_of(client, "review-report", blind)
    assert "classify-secret" not in body and "90 %" not in body
    page = client.get(reverse("review-report", args=[blind.pk])).context["page"]
    assert not any(choice.chosen or choice.suggested or choice.probability for choice in page.choices)
    assert page.why is None and page.prediction is None


def test_nor_on_the_incidents_page_in_the_list_or_over_the_api(client: Client, second: User, blind: Incident) -> None:
    pages = [body_of(client, "incident", blind), client.get(reverse("queue")).content.decode()]
    for body in pages:
        assert "Card" not in body.replace(TEXT, "")
    assert "90 %" not in pages[0], "the list's filter says so of a band, and of no report"
    assert client.get(reverse("incident-why", args=[blind.pk])).status_code == 404
    api = make_api_client(second)
    answer = api.get(f"/api/v1/incidents/{blind.pk}/").json()
    assert (answer["prediction"], answer["blind"]) == (None, True)
    assert api.get("/api/v1/incidents/").json()["results"][0]["prediction"] is None
    assert api.get(f"/api/v1/incidents/{blind.pk}/explanation/").status_code == 409
    assert "audit" in api.get(f"/api/v1/incidents/{blind.pk}/similar/").json()["detail"]


def test_a_reporter_still_sees_what_their_report_is_taken_for(blind: Incident) -> None:
    reporter = make_user()
    Incident.objects.filter(pk=blind.pk).update(reporter=reporter)
    answer = make_api_client(reporter).get(f"/api/v1/incidents/{blind.pk}/").json()
    assert answer["prediction"]["sub_category"] == "Card"


def test_once_it_is_decided_all_is_shown(client: Client, second: User, blind: Incident) -> None:
    paths = [make_path("Fraud", "Card").pk]
    sent = {"verdict": "confirm", "paths": paths, "revision": blind.current_text_id}
    client.get(reverse("review-report", args=[blind.pk]))
    client.post(reverse("review-report", args=[blind.pk]), sent)
    label = Label.objects.get()
    assert (label.blind, label.verdict, label.suggested) == (True, Label.Verdict.CONFIRM, paths)
    assert "classify-secret" in body_of(client, "incident", blind)
    assert make_api_client(second).get(f"/api/v1/incidents/{blind.pk}/").json()["prediction"]["confidence"] == 0.9


def test_a_verdict_over_the_api_keeps_what_was_suggested(second: User, blind: Incident) -> None:
    url = f"/api/v1/incidents/{blind.pk}/labels/"
    assert make_api_client(second).post(url, {"verdict": "reject"}, "json").status_code == 201
    label = Label.objects.get()
    assert (label.suggested, label.blind) == ([make_path("Fraud", "Card").pk], True)


def test_snoozing_looks_as_for_any_report_in_review(client: Client, second: User, incident: Incident) -> None:
    client.get(reverse("review"))
    assert "It is decided" not in body_of(client, "incident-snooze", incident)
    assert client.post(reverse("incident-snooze", args=[incident.pk]), {"for_answer": "on"}).status_code == 302
    incident.refresh_from_db()
    assert (incident.status, incident.second_opinions.get().state) == ("decided", "waiting")
    assert reviewing.next_report(second) is None, "it is left to others"
    assert reviewing.next_report(make_user("third-person", role="analyst")) == incident


def test_new_facts_do_not_tell_that_it_was_decided(client: Client, second: User, incident: Incident) -> None:
    client.get(reverse("review"))
    reporter_messages.add_facts(incident, facts="It was a card after all.", by=None)
    page = client.get(reverse("review-report", args=[incident.pk]))
    assert "opened again" not in page.content.decode()
    assert not page.context["page"].reopened
    assert [str(one.path) for one in page.context["page"].choices if one.chosen] != ["Fraud / Wallet"]
