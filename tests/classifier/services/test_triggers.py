"""Trainings that start by themselves."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.utils import timezone

from classifier.models import DriftAlarm, TrainingRun
from classifier.services.rebuild import request_rebuild
from classifier.services.training import request_training
from classifier.services.triggers import TRIGGERS, request_due_trainings
from classifier.wording import in_words
from incidents.models import Label
from incidents.services.settings import set_policies
from tests.builders import make_drift_look, make_user
from tests.classifier.services.conftest import decide_reports, run_to_end
from workers import sweeper
from workers.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def settings(**changes: object) -> None:
    set_policies(changes, by=make_user(role="admin"))


def days_ago(days: float) -> None:
    TrainingRun.objects.update(created_at=timezone.now() - dt.timedelta(days=days))
    Label.objects.update(created_at=timezone.now() - dt.timedelta(days=days, minutes=1))


def test_nothing_starts_by_itself_unless_an_admin_wants_it(champion) -> None:
    decide_reports(90, start=300)
    days_ago(300)
    decide_reports(30, start=600)
    assert request_due_trainings() is None


def test_enough_new_decisions_start_the_training_that_was_asked_for_last(champion) -> None:
    settings(train_after_labels=30)
    decide_reports(29, start=300)
    assert request_due_trainings() is None
    decide_reports(1, start=400)
    run = request_due_trainings()
    assert run is not None
    assert (run.trigger, run.why, run.base_model) == ("labels", "30 new decisions since the last training", "none")
    assert (run.promote_if_better, run.requested_by) == (False, None)
    assert Job.objects.filter(kind="train", object_id=run.pk).exists()
    assert in_words(run.why) == run.why
    assert request_due_trainings() is None, "one at a time"
    run_to_end(run)
    assert request_due_trainings() is None, "and none again until as much is new"


def test_the_version_waits_for_a_person_unless_the_setting_says_otherwise(champion) -> None:
    settings(train_after_labels=30, promote_triggered=True)
    decide_reports(30, start=300)
    run = request_due_trainings()
    assert run is not None and run.promote_if_better


def test_the_schedule_comes_at_its_hour_if_something_was_decided_since(champion, monkeypatch) -> None:
    settings(train_every_days=7, train_at_hour=3)
    days_ago(8)
    assert request_due_trainings() is None, "nothing was decided since"
    decide_reports(30, start=300)
    Label.objects.update(created_at=timezone.now())
    latest = TrainingRun.objects.get()
    due = dt.datetime.combine(latest.created_at.date() + dt.timedelta(days=7), dt.time(3), dt.UTC)
    for moment, is_due in ((due - dt.timedelta(seconds=1), False), (due, True)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert bool(TRIGGERS["schedule"](latest)) is is_due
    monkeypatch.undo()
    run = request_due_trainings()
    assert run is not None and (run.trigger, run.why) == ("schedule", "7 days since the last training")


def test_what_is_refused_is_not_asked_for_again_at_once(champion, monkeypatch) -> None:
    settings(train_after_labels=1)
    label = Label.objects.latest("pk")
    Label.objects.filter(pk=label.pk).update(created_at=timezone.now())
    assert request_due_trainings() is None, "the same label: nothing changed"
    monkeypatch.setattr("classifier.services.triggers.request_training", lambda **_: pytest.fail("asked again"))
    assert request_due_trainings() is None


def test_an_alarm_of_drift_starts_one_where_an_admin_wants_that(champion) -> None:
    decide_reports(30, start=300)
    look = make_drift_look(champion.promotions.get())
    DriftAlarm.objects.create(kind="text", look=look)
    assert request_due_trainings() is None
    settings(train_on_drift=True)
    run = request_due_trainings()
    assert run is not None and run.trigger == "drift" and run.why.startswith("Reports have drifted since")
    run_to_end(run)
    decide_reports(30, start=600)
    assert request_due_trainings() is None, "the alarm is older than the training that answered it"


def test_a_rebuild_is_neither_the_pattern_nor_the_start_of_the_count(champion) -> None:
    settings(train_after_labels=30)
    decide_reports(20, start=300)
    newest = run_to_end(request_training(base_model="none", options={"seed": 3}))
    days_ago(3)
    decide_reports(20, start=400)
    Label.objects.filter(created_at__gt=timezone.now() - dt.timedelta(days=1)).update(
        created_at=timezone.now() - dt.timedelta(days=1)
    )
    run_to_end(request_rebuild(champion, by=None))
    decide_reports(10, start=500)
    run = request_due_trainings()
    assert run is not None, "20 before the rebuild and 10 after it are 30 since the latest training"
    assert (run.options, run.selection) == (newest.options, newest.selection)


def test_nothing_is_asked_for_while_a_rebuild_is_open(champion) -> None:
    settings(train_after_labels=1)
    days_ago(1)
    decide_reports(30, start=300)
    request_rebuild(champion, by=None)
    assert request_due_trainings() is None and not cache.get("training-trigger-refused")


def test_the_sweeper_asks() -> None:
    assert request_due_trainings in sweeper.HOOKS
