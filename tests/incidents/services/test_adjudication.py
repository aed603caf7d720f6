"""A lead settles what two people disagree on."""

import pytest

from incidents.models import Incident, Label, SecondOpinion, Setting
from incidents.services import adjudication, reviewing, undoing
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db
State, Status = SecondOpinion.State, Incident.Status


@pytest.fixture
def lead():
    return make_user("lead", role="lead")


@pytest.fixture
def paths():
    return [make_path("Fraud", "Card"), make_path("Hacking")]


@pytest.fixture
def opinion(paths):
    Setting.objects.create(key="second_opinion_share", value=1.0)
    incident = make_incident()
    make_prediction(incident, make_version(stage="champion"), [0.7, 0.3])
    for path in paths:
        person = make_user(role="analyst")
        reviewing.next_report(person)
        reviewing.decide(incident, reviewer=person, verdict="confirm", paths=[path])
    return SecondOpinion.objects.get()


def test_what_a_lead_says_stands(opinion, lead, paths):
    label = adjudication.settle(opinion, by=lead, verdict="correct", paths=paths[1:], reason="Read the last line.")
    opinion.refresh_from_db()
    incident = opinion.incident
    assert (label.slot, label.reviewer, label.reason) == (Label.Slot.ADJUDICATION, lead, "Read the last line.")
    assert (opinion.state, opinion.adjudication) == (State.ADJUDICATED, label)
    assert (incident.status, incident.current_label, incident.standing_category) == (Status.DECIDED, label, "Hacking")
    assert SecondOpinion.objects.count() == 1, "what is settled is not drawn again"


def test_both_labels_stay_as_they_were_given(opinion, lead):
    adjudication.settle(opinion, by=lead, verdict="reject")
    assert Label.objects.standing().count() == 3
    assert Incident.objects.get().status == Status.REJECTED


def test_two_leads_settle_it_once(opinion, lead):
    adjudication.settle(opinion, by=lead, verdict="reject")
    with pytest.raises(adjudication.AlreadySettled):
        adjudication.settle(opinion, by=make_user(role="lead"), verdict="reject")


def test_nothing_is_settled_after_one_of_the_two_took_it_back(opinion, lead):
    undoing.undo(opinion.first.reviewer)
    with pytest.raises(adjudication.AlreadySettled):
        adjudication.settle(opinion, by=lead, verdict="reject")
    assert Label.objects.filter(reviewer=lead).count() == 0


def test_it_can_be_taken_back_and_is_a_dispute_again(opinion, lead, paths):
    adjudication.settle(opinion, by=lead, verdict="correct", paths=paths[1:])
    opinion.refresh_from_db()
    adjudication.unsettle(opinion, by=lead)
    opinion.refresh_from_db()
    assert (opinion.state, opinion.adjudication) == (State.DISPUTED, None)
    assert (opinion.incident.status, opinion.incident.current_label) == (Status.SECOND_LOOK, opinion.first)
    assert list(adjudication.disputes()) == [opinion]
    adjudication.settle(opinion, by=lead, verdict="reject")


def test_it_is_not_taken_back_after_another_decision(opinion, lead):
    adjudication.settle(opinion, by=lead, verdict="reject")
    opinion.refresh_from_db()
    other = make_user(role="analyst")
    reviewing.reopen(opinion.incident, other)
    with pytest.raises(adjudication.AlreadySettled):
        adjudication.unsettle(opinion, by=lead)


def test_undo_on_the_review_page_leaves_what_was_settled_alone(opinion, lead):
    adjudication.settle(opinion, by=lead, verdict="reject")
    assert undoing.undo(lead) is None


def test_a_skipped_or_unsure_report_is_no_dispute(opinion):
    analyst, other = make_user(role="analyst"), make_incident(status=Status.CLASSIFIED)
    reviewing.claim(other, analyst)
    reviewing.skip(other, reviewer=analyst, reason="not mine")
    assert list(adjudication.disputes()) == [opinion]
    assert reviewing.claim(other, make_user(role="analyst"))
