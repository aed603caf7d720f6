"""A report that two people label without knowing of each other."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Incident, Label, Notice, SecondOpinion, Setting, Watch
from incidents.services import reviewing, second_opinions, undoing
from incidents.services.reviewing import ClaimLost
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db
State, Status = SecondOpinion.State, Incident.Status


@pytest.fixture
def first():
    return make_user("first", role="analyst")


@pytest.fixture
def second():
    return make_user("second", role="analyst")


@pytest.fixture
def paths():
    return [make_path("Fraud", "Card"), make_path("Fraud", "Wallet")]


@pytest.fixture(autouse=True)
def _always_drawn():
    Setting.objects.create(key="second_opinion_share", value=1.0)


@pytest.fixture
def incident(paths):
    report = make_incident()
    make_prediction(report, make_version(stage="champion"), [0.7, 0.3])
    return report


def decided(incident, user, *paths, verdict="confirm"):
    reviewing.claim(incident, user)
    return reviewing.decide(incident, reviewer=user, verdict=verdict, paths=paths, reason="so it is")


def opinion_on(incident):
    return SecondOpinion.objects.filter(incident=incident).latest("pk")


def expire(incident):
    SecondOpinion.objects.filter(incident=incident).update(claim_expires_at=timezone.now() - timedelta(seconds=1))


def test_a_decision_that_is_drawn_waits_for_somebody_else(incident, first, second, paths):
    label = decided(incident, first, paths[0])
    assert (opinion_on(incident).state, opinion_on(incident).first) == (State.WAITING, label)
    assert reviewing.next_report(first) is None
    assert reviewing.next_report(second) == incident
    assert (opinion_on(incident).state, opinion_on(incident).claimed_by) == (State.HELD, second)


def test_nothing_is_drawn_of_share_0_nor_of_who_was_unsure(incident, first, paths):
    decided(incident, first, verdict="unsure")
    assert not SecondOpinion.objects.exists()
    Setting.objects.create(key="second_opinion_share", value=0.0)
    other = make_incident()
    decided(other, first, paths[0])
    assert not SecondOpinion.objects.exists()


def test_the_same_labels_agree_and_nothing_else_changes(incident, first, second, paths):
    label = decided(incident, first, paths[0])
    reviewing.next_report(second)
    given = decided(incident, second, paths[0])
    incident.refresh_from_db()
    assert (given.slot, given.verdict, given.seconds is not None) == (Label.Slot.SECOND, Label.Verdict.CONFIRM, True)
    assert (opinion_on(incident).state, opinion_on(incident).second) == (State.AGREED, given)
    assert (incident.status, incident.current_label) == (Status.DECIDED, label)


@pytest.mark.parametrize("verdict", ["correct", "reject", "unsure"])
def test_another_verdict_is_a_dispute_that_only_a_lead_settles(incident, first, second, paths, verdict):
    label = decided(incident, first, paths[0])
    reviewing.next_report(second)
    decided(incident, second, *(paths[1:] if verdict == "correct" else ()), verdict=verdict)
    incident.refresh_from_db()
    assert (opinion_on(incident).state, incident.status) == (State.DISPUTED, Status.SECOND_LOOK)
    assert incident.current_label == label
    third = make_user(role="analyst")
    assert not reviewing.claim(incident, third)
    assert not reviewing.reopen(incident, third)
    assert reviewing.next_report(third) is None


def test_the_report_looks_undecided_to_who_holds_it_and_decided_to_others(incident, first, second, paths):
    decided(incident, first, paths[0])
    shown = reviewing.next_report(second)
    assert (shown.status, shown.current_label, shown.claimed_by) == (Status.IN_REVIEW, None, second)
    stored = Incident.objects.get(pk=incident.pk)
    assert second_opinions.disguised(Incident.objects.get(pk=incident.pk), second).decided_at is None
    assert second_opinions.disguised(stored, first).status == Status.DECIDED


def test_one_comes_now_and_then_while_others_wait(incident, first, second, paths, monkeypatch):
    decided(incident, first, paths[0])
    waiting = make_incident(status=Status.CLASSIFIED)
    assert reviewing.next_report(second) == waiting
    reviewing.release(waiting, second)
    monkeypatch.setattr("incidents.services.draws.by_chance", lambda share: share == 1 / second_opinions.ONE_IN)
    assert reviewing.next_report(second) == incident
    assert reviewing.next_report(second) == incident, "what one holds comes first"


def test_no_list_with_a_filter_mixes_any_in(incident, first, second, paths):
    decided(incident, first, paths[0])
    assert reviewing.next_report(second, Incident.objects.filter(status=Status.CLASSIFIED)) is None


def test_two_people_never_hold_the_same_one(incident, first, second, paths):
    decided(incident, first, paths[0])
    third = make_user(role="analyst")
    assert reviewing.next_report(second) == incident
    assert reviewing.next_report(third) is None
    with pytest.raises(ClaimLost):
        reviewing.decide(incident, reviewer=third, verdict="reject", paths=[])


def test_a_claim_that_ran_out_goes_to_the_next(incident, first, second, paths):
    decided(incident, first, paths[0])
    reviewing.next_report(second)
    expire(incident)
    assert reviewing.release_expired_claims() == 1
    third = make_user(role="analyst")
    assert reviewing.next_report(third) == incident
    with pytest.raises(ClaimLost):
        reviewing.decide(incident, reviewer=second, verdict="reject", paths=[])


def test_a_claim_that_ran_out_under_the_hand_still_counts(incident, first, second, paths):
    decided(incident, first, paths[0])
    reviewing.next_report(second)
    expire(incident)
    reviewing.release_expired_claims()
    reviewing.decide(incident, reviewer=second, verdict="confirm", paths=paths[:1])
    assert opinion_on(incident).state == State.AGREED


def test_a_double_click_gives_one_opinion(incident, first, second, paths):
    decided(incident, first, paths[0])
    reviewing.next_report(second)
    one, two = (reviewing.decide(incident, reviewer=second, verdict="reject", paths=[]) for _ in range(2))
    assert one == two
    assert Label.objects.filter(reviewer=second).count() == 1


def test_an_undone_first_decision_withdraws_it(incident, first, second, paths):
    decided(incident, first, paths[0])
    reviewing.next_report(second)
    assert undoing.undo(first) == incident
    assert opinion_on(incident).state == State.WITHDRAWN
    with pytest.raises(ClaimLost):
        reviewing.decide(incident, reviewer=second, verdict="reject", paths=[])
    assert not Label.objects.filter(reviewer=second).exists()


def test_an_undone_first_decision_ends_a_dispute(incident, first, second, paths):
    decided(incident, first, paths[0])
    reviewing.next_report(second)
    decided(incident, second, paths[1])
    assert undoing.undo(first) == incident
    incident.refresh_from_db()
    assert (opinion_on(incident).state, incident.status, incident.current_label) == (
        State.WITHDRAWN,
        Status.IN_REVIEW,
        None,
    )


def test_a_new_decision_withdraws_what_waits_and_may_be_drawn_again(incident, first, second, paths):
    decided(incident, first, paths[0])
    reviewing.next_report(second)
    third = make_user(role="analyst")
    assert reviewing.reopen(incident, third)
    reviewing.decide(incident, reviewer=third, verdict="reject", paths=[])
    states = list(SecondOpinion.objects.order_by("pk").values_list("state", flat=True))
    assert states == [State.WITHDRAWN, State.WAITING]


def test_whoever_gave_one_undoes_it_and_gives_another(incident, first, second, paths):
    decided(incident, first, paths[0])
    reviewing.next_report(second)
    decided(incident, second, paths[1])
    assert undoing.undo(second) == incident
    incident.refresh_from_db()
    assert (opinion_on(incident).state, opinion_on(incident).second) == (State.HELD, None)
    assert incident.status == Status.DECIDED
    reviewing.decide(incident, reviewer=second, verdict="confirm", paths=paths[:1])
    assert opinion_on(incident).state == State.AGREED
    assert Label.objects.standing().filter(reviewer=second).count() == 1


def test_opening_again_what_one_gave_takes_it_back(incident, first, second, paths):
    label = decided(incident, first, paths[0])
    reviewing.next_report(second)
    decided(incident, second, paths[0])
    incident.refresh_from_db()
    assert reviewing.reopen(incident, second)
    reviewing.decide(incident, reviewer=second, verdict="reject", paths=[])
    incident.refresh_from_db()
    assert (opinion_on(incident).state, incident.current_label) == (State.DISPUTED, label)


def test_undo_takes_back_the_last_of_both_kinds_first(incident, first, second, paths):
    decided(incident, first, paths[0])
    mine = make_incident(status=Status.CLASSIFIED)
    decided(mine, second, paths[0])
    SecondOpinion.objects.filter(incident=mine).delete()
    reviewing.next_report(second)
    decided(incident, second, paths[0])
    assert undoing.undo(second) == incident
    reviewing.release(incident, second)
    assert undoing.undo(second) == mine


def test_one_that_is_let_go_waits_for_anybody(incident, first, second, paths):
    decided(incident, first, paths[0])
    reviewing.next_report(second)
    assert reviewing.release(incident, second)
    assert (opinion_on(incident).state, opinion_on(incident).claimed_by) == (State.WAITING, None)
    assert reviewing.next_report(second) == incident


def test_one_that_is_skipped_is_left_to_others_until_that_is_undone(incident, first, second, paths):
    decided(incident, first, paths[0])
    reviewing.next_report(second)
    reviewing.skip(incident, reviewer=second, reason="in a language I do not read")
    incident.refresh_from_db()
    assert (opinion_on(incident).state, incident.status) == (State.WAITING, Status.DECIDED)
    assert reviewing.next_report(second) is None
    assert undoing.undo(second) == incident
    assert opinion_on(incident).claimed_by == second
    reviewing.release(incident, second)
    assert undoing.undo(second) is None


def test_a_changed_text_is_not_served_for_the_old_decision(incident, first, second, paths):
    decided(incident, first, paths[0])
    reviewing.next_report(second)
    incident.refresh_from_db()
    incident.current_text = incident.text_revisions.create(number=2, text="More is known.", text_hash="2")
    incident.save(update_fields=["current_text"])
    with pytest.raises(ClaimLost):
        reviewing.decide(incident, reviewer=second, verdict="reject", paths=[])
    assert reviewing.next_report(make_user(role="analyst")) is None


def test_a_blind_report_is_given_blind_both_times(first, second, paths):
    report = make_incident(blind=True)
    make_prediction(report, make_version(stage="champion"), [0.7, 0.3])
    one = decided(report, first, paths[0])
    assert reviewing.next_report(second).hides_prediction
    two = decided(report, second, paths[0])
    assert (one.blind, two.blind) == (True, True)
    assert one.suggested == two.suggested == [paths[0].pk]


def test_a_report_that_its_reporter_calls_wrong_is_not_brought_back_by_an_undo(incident, first, second, paths):
    decided(incident, first, paths[0])
    reviewing.next_report(second)
    decided(incident, second, paths[0])
    Incident.objects.filter(pk=incident.pk).update(status=Status.SECOND_LOOK)
    assert undoing.undo(second) is None
    incident.refresh_from_db()
    assert (incident.status, opinion_on(incident).state) == (Status.SECOND_LOOK, State.AGREED)


def test_who_hears_of_the_decision_is_not_asked(incident, first, second, paths):
    looking_after, told = make_user("looking-after", role="analyst"), make_user("told", role="analyst")
    Watch.objects.create(incident=incident, user=second)
    Incident.objects.filter(pk=incident.pk).update(assignee=looking_after)
    decided(incident, first, paths[0])
    Notice.objects.create(user=told, kind=Notice.Kind.DECIDED, incident=incident)
    assert [reviewing.next_report(user) for user in (second, looking_after, told)] == [None, None, None]
    assert reviewing.next_report(make_user("knows-nothing", role="analyst")) == incident
