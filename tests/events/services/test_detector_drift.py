from datetime import timedelta

import pytest
from django.utils import timezone

from classifier.models import ModelVersion, Promotion, TrainingRun
from classifier.services.promotion import rollback
from events.services import detectors
from events.services.detector_drift import KIND, QUEUE, check_drift, checks_of, watch_detectors
from events.services.detector_state import detector_state
from events.stream import drift
from incidents.models import AuditEvent
from tests.events.builders import make_events
from tests.events.services.detector_rows import NAMES, numbers, score_events, source_with, train
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db
Stage = ModelVersion.Stage


@pytest.fixture(autouse=True)
def _fresh(caseloop_home, monkeypatch):
    """Fifth parts of the numbers of events, which keeps the tests quick."""
    monkeypatch.setattr(drift, "COMPARED", 400)
    monkeypatch.setattr(drift, "SMALLEST_GAP", 400)
    monkeypatch.setattr(drift, "DRIFTED", 0.3)  # so few scores differ by chance already
    detectors.forget()
    yield
    detectors.forget()


def later(minutes):
    """A time of receipt in a minute of its own; what was compared now is older than that minute."""
    return timezone.now() + timedelta(minutes=2 * minutes)


def train_and_score(minutes=1, centre=0.0, **overrides):
    """A source with a champion that has scored as many new events as it takes to compare."""
    source = source_with(600, **overrides)
    train(source)
    score_events(source, 400, centre, received_at=later(minutes))
    return source


def check(source):
    """Run the job of a source as a worker does, and give the comparison that it noted."""
    jobs.enqueue(KIND, source.pk, queue=QUEUE, priority=3)
    batch = jobs.claim(QUEUE, worker="test", limits={KIND: Limit()})
    detectors.forget()
    check_drift(batch)
    detectors.forget()
    source.refresh_from_db()
    return checks_of(source)[-1] if checks_of(source) else None


def asked():
    return Job.objects.filter(kind=KIND).count()


def test_a_source_is_looked_at_once_enough_usable_events_are_there():
    source = source_with(399)
    watch_detectors()
    assert asked() == 0
    make_events(source, numbers(1), NAMES)
    watch_detectors()
    assert Job.objects.get(kind=KIND).object_id == source.pk


def test_it_is_not_asked_for_twice_within_a_minute():
    source_with(400)
    watch_detectors()
    watch_detectors()
    Job.objects.update(status=Job.Status.DONE)
    watch_detectors()
    assert asked() == 1
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    watch_detectors()
    assert asked() == 2


def test_nor_before_so_many_new_events():
    source = train_and_score()
    check(source)
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    source.drift["checked_at"] = later(2).isoformat()
    source.save()
    watch_detectors()
    assert asked() == 1
    score_events(source, 400, received_at=later(4))
    watch_detectors()
    assert asked() == 2


def test_a_disabled_source_is_left_alone():
    source_with(400, enabled=False)
    watch_detectors()
    assert asked() == 0


def test_the_first_detector_is_trained_by_itself():
    source = source_with(500)
    found = check(source)
    run = TrainingRun.objects.get()
    assert (run.line, run.requested_by) == (source.line, None)
    assert (found.d, found.version) == (None, "")
    assert found.decision == f"there are events enough for a first detector: {run} was asked for"


def test_scores_as_before_ask_for_nothing():
    found = check(train_and_score())
    assert found.d < 0.3
    assert found.decision == "scores are as they were"
    assert TrainingRun.objects.open().count() == 0


def test_a_shift_asks_for_a_training_when_it_is_seen_twice_in_a_row():
    source = train_and_score(centre=1.5)
    once = check(source)
    assert once.d > 0.3
    assert TrainingRun.objects.open().count() == 0
    score_events(source, 400, 1.5, received_at=later(2))
    twice = check(source)
    run = TrainingRun.objects.open().get()
    assert twice.decision.endswith(f"2 times in a row: {run} was asked for")
    assert "2 times in a row" in run.log_tail


def test_a_shift_that_goes_away_asks_for_nothing():
    source = train_and_score(centre=1.5)
    check(source)
    score_events(source, 400, received_at=later(2))
    check(source)
    score_events(source, 400, 1.5, received_at=later(3))
    check(source)
    assert TrainingRun.objects.open().count() == 0


def test_a_detector_older_than_a_day_is_trained_anew():
    source = train_and_score()
    Promotion.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert "is older than a day: training" in check(source).decision


def test_a_detector_that_cannot_be_read_is_trained_anew():
    source = train_and_score()
    version = ModelVersion.objects.champion(source.line)
    version.artefact.rename(version.artefact.with_name("lost"))
    assert check(source).decision.startswith(f"{version.name} cannot be read: training")


def test_the_threshold_stays_while_a_wave_of_attacks_lifts_the_scores():
    source = train_and_score()
    before = detectors.serving(source).threshold
    score_events(source, 400, 4.0, decision="above", received_at=later(2))
    check(source)
    assert detectors.serving(source).threshold == before


def test_a_shadow_takes_over_after_enough_events_within_its_budget():
    source = train_and_score(alert_budget=0.05)
    first = ModelVersion.objects.champion(source.line)
    second = train(source, force=True)
    score_events(source, 300, received_at=later(2))
    assert check(source) is not None
    assert ModelVersion.objects.champion(source.line) == first
    score_events(source, 100, received_at=later(2))
    assert check(source).decision.startswith(f"{second.name} took over: ")
    assert ModelVersion.objects.champion(source.line) == second
    assert ModelVersion.objects.previous(source.line) == first
    assert Promotion.objects.get(version=second).by is None


def test_a_shadow_that_would_flood_is_put_away_with_the_reason():
    source = train_and_score()
    second = train(source, force=True)
    score_events(source, 400, 4.0, received_at=later(2))
    found = check(source)
    second.refresh_from_db()
    assert second.stage == Stage.ARCHIVED
    assert "more than twice the budget of 1.00%" in found.decision
    event = AuditEvent.objects.get(kind="model.shadow_ended", subject=second.name)
    assert event.detail["reason"] in found.decision


def test_a_new_version_moves_the_threshold_by_a_fifth_at_most(monkeypatch):
    source = train_and_score(alert_budget=0.02)
    first = detectors.serving(source).threshold
    second = train(source, force=True)
    score_events(source, 400, received_at=later(2))
    monkeypatch.setattr(type(detectors.serving(source).shadow), "threshold", lambda *_: 0.99)
    check(source)
    state = detectors.serving(source)
    assert state.version == second
    assert state.threshold == pytest.approx(1.2 * first)
    figures = second.evaluations.get(part="served").figures
    assert (figures["threshold"], figures["budget"]) == (state.threshold, 0.02)


def test_the_job_of_a_source_that_was_disabled_meanwhile_ends():
    source = source_with(400)
    source.enabled = False
    source.save()
    assert check(source) is None
    assert Job.objects.get(kind=KIND).status == Job.Status.DONE


def test_the_state_of_a_new_source():
    state = detector_state(source_with(300))
    assert (state.champion, state.shadow, state.run, state.alert_rate) == (None, None, None, None)
    assert state.is_cold_start
    assert not state.can_train
    assert state.next_step == "The first detector is trained once 400 usable events have come; 300 have."


def test_the_state_of_a_source_with_champion_and_shadow():
    source = train_and_score(minutes=-2)
    check(source)
    first = ModelVersion.objects.champion(source.line)
    assert detector_state(source).next_step.startswith("A new detector is trained when scores have moved by more than")
    second = train(source, force=True)
    score_events(source, 100, received_at=later(2))
    state = detector_state(source)
    assert (state.champion, state.shadow, state.previous) == (first, second, None)
    assert (state.shadow_scored, state.shadow_needed) == (100, 400)
    assert state.next_step.startswith(f"{second.name} scores silently: 100 of 400 events.")
    assert (state.scored, state.alert_rate) == (500, 0.0)
    assert [one.decision for one in state.checks] == ["scores are as they were"]


def test_an_open_training_is_told_first():
    source = source_with(500)
    check(source)
    run = TrainingRun.objects.get()
    assert detector_state(source).next_step == f"Training {run.pk} is queued."


def test_after_a_roll_back_the_earlier_detector_has_a_day_again():
    source = train_and_score(alert_budget=0.05)
    train(source, force=True)
    score_events(source, 400, received_at=later(2))
    check(source)
    Promotion.objects.update(created_at=timezone.now() - timedelta(hours=25))
    rollback(by=None, line=source.line)
    detectors.forget()
    score_events(source, 400, received_at=later(3))
    assert check(source).decision == "scores are as they were"
