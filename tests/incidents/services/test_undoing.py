"""Undo takes back what one did last, be it a decision, a skip, a report joined to another one or set aside."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents.models import Incident, Label, SecondOpinion, Setting
from incidents.services import adjudication, merging, reviewing, snoozing, undoing
from tests.builders import make_decided, make_incident, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db
State, Status = SecondOpinion.State, Incident.Status


@pytest.fixture
def analyst():
    return make_user("asha", role="analyst")


@pytest.fixture
def other():
    return make_user("other", role="analyst")


@pytest.fixture
def paths():
    return [make_path("Fraud", "Card"), make_path("Fraud", "Wallet")]


@pytest.fixture
def reports(paths):
    version = make_version(stage="champion")
    made = [make_incident() for _ in range(3)]
    for one in made:
        make_prediction(one, version, [0.7, 0.3])
    return made


def decided(incident, user, *chosen, verdict="confirm"):
    reviewing.reopen(incident, user)
    return reviewing.decide(incident, reviewer=user, verdict=verdict, paths=chosen, reason="so it is")


def standing(incident):
    incident.refresh_from_db()
    return incident.status, incident.claimed_by, incident.merged_into, incident.wakes_at


def test_the_newest_act_comes_first_whatever_it_is(analyst, paths, reports):
    joined, aside, last = reports
    decided(last, analyst, paths[0])
    reviewing.claim(joined, analyst)
    merging.merge(joined, last, by=analyst)
    reviewing.claim(aside, analyst)
    snoozing.snooze(aside, by=analyst, until=timezone.now() + timedelta(days=1), for_answer=False)
    assert undoing.undo(analyst) == aside
    assert standing(aside) == (Status.IN_REVIEW, analyst, None, None)
    assert undoing.undo(analyst) == joined
    assert standing(joined) == (Status.IN_REVIEW, analyst, None, None)
    assert last.current_label is not None
    assert undoing.undo(analyst) == last
    assert undoing.undo(analyst) is None
    for one in Incident.objects.order_by("pk"):
        assert reviewing.release(one, analyst)
        assert standing(one)[0] == Status.CLASSIFIED


def test_what_others_joined_set_aside_or_took_back_is_theirs(analyst, other, reports):
    joined, aside, head = reports
    merging.merge(joined, head, by=analyst)
    snoozing.snooze(aside, by=analyst, until=None, for_answer=True)
    merging.unmerge(joined, by=other)
    merging.merge(joined, head, by=other)
    snoozing.wake(aside, by=other)
    snoozing.snooze(aside, by=other, until=None, for_answer=True)
    assert undoing.undo(analyst) is None
    assert (standing(joined)[0], standing(aside)[0]) == (Status.MERGED, Status.WAITING_REPORTER)


def test_a_decision_on_what_is_joined_since_is_passed_over(analyst, other, paths, reports):
    one, head, _ = reports
    decided(one, analyst, paths[0])
    merging.merge(one, head, by=other)
    assert undoing.undo(analyst) is None
    assert standing(one)[0] == Status.MERGED


def test_a_decided_report_is_taken_apart_and_not_opened_again(analyst, client, reports):
    one = make_decided(make_path("Abuse"))
    merging.merge(one, reports[0], by=analyst)
    client.force_login(analyst)
    assert client.post(reverse("review-undo"))["location"] == reverse("incident", args=[one.pk])
    assert standing(one)[:2] == (Status.DECIDED, None)


def test_a_skip_of_what_somebody_had_been_unsure_of_is_one(analyst, other, reports):
    one = reports[0]
    label = decided(one, other, verdict="unsure")
    reviewing.claim(one, analyst)
    reviewing.skip(one, reviewer=analyst, reason="unclear")
    assert undoing.undo(analyst) == one
    assert standing(one)[:2] == (Status.IN_REVIEW, analyst) and one.current_label == label
    assert undoing.undo(analyst) is None
    reviewing.release(one, analyst)
    assert standing(one)[0] == Status.SECOND_LOOK


@pytest.mark.parametrize("state", [State.WAITING, State.HELD, State.DISPUTED])
def test_a_second_opinion_waits_while_its_report_is_joined(analyst, other, paths, reports, state):
    Setting.objects.create(key="second_opinion_share", value=1.0)
    one, head, _ = reports
    third = make_user("third", role="analyst")
    Incident.objects.exclude(pk=one.pk).update(status=Status.NEW)
    decided(one, other, paths[0])
    if state != State.WAITING:
        assert reviewing.next_report(third) == one
    if state == State.DISPUTED:
        reviewing.decide(one, reviewer=third, verdict="correct", paths=paths[1:])
    one.refresh_from_db()
    merging.merge(one, head, by=analyst)
    assert not adjudication.disputes().exists()
    assert reviewing.next_report(make_user(role="analyst")) is None
    assert undoing.undo(analyst) == one
    assert SecondOpinion.objects.get().state == state
    if state == State.DISPUTED:
        assert [opinion.incident for opinion in adjudication.disputes()] == [one]
    else:
        assert reviewing.next_report(third) == one
        reviewing.decide(one, reviewer=third, verdict="confirm", paths=paths[:1])
        assert SecondOpinion.objects.get().state == State.AGREED
        assert Label.objects.get(reviewer=third).slot == Label.Slot.SECOND


def test_setting_a_second_opinion_aside_is_undone_like_any_other_snooze(analyst, other, paths, reports):
    Setting.objects.create(key="second_opinion_share", value=1.0)
    one = reports[0]
    Incident.objects.exclude(pk=one.pk).update(status=Status.NEW)
    decided(one, other, paths[0])
    assert reviewing.next_report(analyst) == one
    snoozing.snooze(Incident.objects.get(pk=one.pk), by=analyst, until=None, for_answer=True)
    assert reviewing.next_report(analyst) is None
    back = undoing.undo(analyst)
    assert (back, back.status, back.claimed_by) == (one, Status.IN_REVIEW, analyst)
    assert undoing.undo(analyst) is None


def test_joining_what_one_gives_a_second_opinion_on_is_undone_the_same(analyst, other, paths, reports):
    Setting.objects.create(key="second_opinion_share", value=1.0)
    one, head, _ = reports
    Incident.objects.exclude(pk=one.pk).update(status=Status.NEW)
    decided(one, other, paths[0])
    assert reviewing.next_report(analyst) == one
    merging.merge(Incident.objects.get(pk=one.pk), head, by=analyst)
    back = undoing.undo(analyst)
    assert (back, back.status, back.claimed_by, back.current_label) == (one, Status.IN_REVIEW, analyst, None)
