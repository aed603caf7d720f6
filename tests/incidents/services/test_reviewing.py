from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from incidents.models import AuditEvent, Incident, Label
from incidents.services import reviewing, undoing
from incidents.services.reviewing import ClaimLost
from tests.builders import make_incident, make_path, make_prediction, make_user, make_version

pytestmark = pytest.mark.django_db
Status = Incident.Status


@pytest.fixture
def analyst():
    return make_user(role="analyst")


@pytest.fixture
def paths():
    return [make_path("Fraud", "Vishing"), make_path("Attack", "Malware")]


@pytest.fixture
def incident(paths):
    incident = make_incident()
    make_prediction(incident, make_version())
    return incident


def expire(incident):
    Incident.objects.filter(pk=incident.pk).update(claim_expires_at=timezone.now() - timedelta(seconds=1))


def suggested(incident):
    return incident.predictions.get().version.snapshot.path_ids[:1]


def test_the_most_urgent_report_comes_first_and_is_held(analyst, paths):
    version = make_version()
    low, high = make_incident(review_priority=0.1), make_incident(review_priority=0.9)
    for one in (low, high):
        make_prediction(one, version)
    assert reviewing.next_report(analyst) == high
    high.refresh_from_db()
    assert (high.status, high.claimed_by) == (Status.IN_REVIEW, analyst)


def test_two_analysts_never_get_the_same_report(analyst, incident):
    other = make_user(role="analyst")
    assert reviewing.next_report(analyst) == incident
    assert reviewing.next_report(other) is None
    assert not reviewing.claim(incident, other)
    assert reviewing.next_report(analyst) == incident


def test_an_expired_claim_returns_to_the_queue(analyst, incident):
    reviewing.next_report(analyst)
    expire(incident)
    assert reviewing.release_expired_claims() == 1
    incident.refresh_from_db()
    assert (incident.status, incident.claimed_by) == (Status.CLASSIFIED, None)


def test_the_suggested_paths_confirm_and_others_correct(analyst, incident, paths):
    ids = suggested(incident)
    same = [path for path in paths if path.pk in ids]
    reviewing.claim(incident, analyst)
    label = reviewing.decide(incident, reviewer=analyst, verdict="correct", paths=same)
    assert label.verdict == Label.Verdict.CONFIRM
    assert label.shown_model == incident.current_model
    assert not reviewing.claim(incident, analyst)
    reviewing.reopen(incident, analyst)
    assert reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=paths).verdict == Label.Verdict.CORRECT
    incident.refresh_from_db()
    assert incident.status == Status.DECIDED
    assert set(incident.current_label.paths.all()) == set(paths)
    assert incident.labels.count() == 2


def test_a_second_press_gives_the_first_decision(analyst, incident, paths):
    reviewing.claim(incident, analyst)
    first = reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=paths)
    assert reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=paths) == first
    assert incident.labels.count() == 1


def test_a_decision_on_what_another_has_taken_is_refused(analyst, incident, paths):
    other = make_user(role="analyst")
    reviewing.claim(incident, analyst)
    expire(incident)
    reviewing.claim(incident, other)
    with pytest.raises(ClaimLost):
        reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=paths)
    assert not incident.labels.exists()


@pytest.mark.parametrize(("verdict", "status"), [("reject", Status.REJECTED), ("unsure", Status.SECOND_LOOK)])
def test_reject_and_unsure_carry_no_labels(analyst, incident, paths, verdict, status):
    reviewing.claim(incident, analyst)
    with pytest.raises(ValidationError):
        reviewing.decide(incident, reviewer=analyst, verdict=verdict, paths=paths)
    reviewing.decide(incident, reviewer=analyst, verdict=verdict, paths=[], reason="not sure which bank")
    incident.refresh_from_db()
    assert incident.status == status


def test_confirming_nothing_is_refused(analyst, incident):
    reviewing.claim(incident, analyst)
    with pytest.raises(ValidationError, match="at least one label"):
        reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=[])


def test_a_skip_needs_a_reason_and_is_no_label(analyst, incident):
    reviewing.claim(incident, analyst)
    with pytest.raises(ValidationError):
        reviewing.skip(incident, reviewer=analyst, reason=" ")
    reviewing.skip(incident, reviewer=analyst, reason="in a language I do not read")
    incident.refresh_from_db()
    assert incident.status == Status.SECOND_LOOK
    assert not incident.labels.exists()
    event = AuditEvent.objects.get(kind="incident.skipped")
    assert (event.detail, event.passing_reason.text) == ({}, "in a language I do not read")


def test_undo_takes_back_the_last_decision_and_holds_the_report_again(analyst, incident, paths):
    reviewing.claim(incident, analyst)
    label = reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=paths)
    assert undoing.undo(analyst) == incident
    incident.refresh_from_db()
    assert (incident.status, incident.claimed_by, incident.current_label) == (Status.IN_REVIEW, analyst, None)
    assert incident.decided_at is None
    assert Label.objects.get(pk=label.pk).retraction.by == analyst
    assert undoing.undo(analyst) is None


def test_undo_of_a_second_decision_brings_the_first_back(analyst, incident, paths):
    reviewing.claim(incident, analyst)
    first = reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=paths)
    reviewing.reopen(incident, analyst)
    reviewing.decide(incident, reviewer=analyst, verdict="reject", paths=[])
    undoing.undo(analyst)
    incident.refresh_from_db()
    assert incident.current_label == first
    reviewing.release(incident, analyst)
    incident.refresh_from_db()
    assert incident.status == Status.DECIDED


def test_undo_takes_back_a_skip(analyst, incident):
    reviewing.claim(incident, analyst)
    reviewing.skip(incident, reviewer=analyst, reason="unclear")
    assert undoing.undo(analyst) == incident
    incident.refresh_from_db()
    assert incident.status == Status.IN_REVIEW
    assert undoing.undo(analyst) is None


def test_undo_leaves_a_report_that_somebody_else_holds(analyst, incident, paths):
    reviewing.claim(incident, analyst)
    reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=paths)
    reviewing.reopen(incident, make_user(role="analyst"))
    with pytest.raises(ClaimLost):
        undoing.undo(analyst)
    assert Label.objects.standing().count() == 1


def test_the_prediction_that_was_shown_decides_what_was_confirmed(analyst, incident, paths):
    shown = incident.predictions.get()
    make_prediction(incident, make_version(), chances=[0.1, 0.9])
    reviewing.claim(incident, analyst)
    chosen = [path for path in paths if path.pk in shown.path_ids]
    label = reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=chosen, shown=shown)
    assert (label.verdict, label.shown_model) == (Label.Verdict.CONFIRM, shown.version.name)


def test_undo_passes_over_what_another_has_decided_since(analyst, incident, paths):
    other = make_user(role="analyst")
    for act in (
        lambda: reviewing.skip(incident, reviewer=analyst, reason="unclear"),
        lambda: reviewing.decide(incident, reviewer=analyst, verdict="unsure", paths=[], reason="unclear"),
    ):
        reviewing.reopen(incident, analyst)
        act()
        reviewing.reopen(incident, other)
        decided = reviewing.decide(incident, reviewer=other, verdict="confirm", paths=paths)
        assert undoing.undo(analyst) is None
        incident.refresh_from_db()
        assert (incident.status, incident.current_label) == (Status.DECIDED, decided)


def test_a_second_and_different_decision_is_refused(analyst, incident, paths):
    reviewing.claim(incident, analyst)
    first = reviewing.decide(incident, reviewer=analyst, verdict="confirm", paths=paths)
    with pytest.raises(ClaimLost, match="in another way"):
        reviewing.decide(incident, reviewer=analyst, verdict="reject", paths=[])
    incident.refresh_from_db()
    assert incident.current_label == first


def test_unsure_sent_twice_is_one_label(analyst, incident):
    reviewing.claim(incident, analyst)
    first = reviewing.decide(incident, reviewer=analyst, verdict="unsure", paths=[], reason="which bank?")
    assert reviewing.decide(incident, reviewer=analyst, verdict="unsure", paths=[], reason="which bank?") == first
    assert incident.labels.count() == 1


def test_the_queue_never_reopens_what_was_decided_a_moment_ago(analyst, incident, paths, monkeypatch):
    other = make_user(role="analyst")
    stale = [Incident.objects.get(pk=incident.pk)]
    reviewing.claim(incident, other)
    reviewing.decide(incident, reviewer=other, verdict="confirm", paths=paths)
    monkeypatch.setattr("incidents.models.incident.IncidentQuerySet.awaiting_review", lambda rows: stale)
    assert reviewing.next_report(analyst) is None
    incident.refresh_from_db()
    assert incident.status == Status.DECIDED


def test_a_skipped_report_that_is_taken_up_and_let_go_waits_for_its_second_look_again(analyst, incident):
    reviewing.claim(incident, analyst)
    reviewing.skip(incident, reviewer=analyst, reason="unclear")
    reviewing.claim(incident, analyst)
    reviewing.release(incident, analyst)
    incident.refresh_from_db()
    assert incident.status == Status.SECOND_LOOK
