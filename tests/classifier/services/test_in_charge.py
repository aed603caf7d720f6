"""Which model was in charge when, and what it said."""

import datetime as dt

import pytest
from django.utils import timezone

from classifier import registry
from classifier.models import ModelVersion, Promotion, Replay
from classifier.services.classify import classify_batch
from classifier.services.in_charge import (
    NoSuchMoment,
    ask_for_replay,
    at,
    make_replay,
    moment_of,
    replay,
    said_of,
)
from classifier.services.promotion import promote, rollback
from classifier.services.training import request_training
from incidents.models import Incident, TextRevision
from tests.builders import make_incident, make_label, make_path, make_user
from tests.classifier.services.conftest import run_to_end
from workers import jobs
from workers.jobs import Limit

pytestmark = pytest.mark.django_db


def days_ago(days: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


@pytest.fixture
def history(champion: ModelVersion) -> tuple[ModelVersion, ModelVersion]:
    """The first was in charge from ten days ago, the second from five, the first again from one."""
    second = run_to_end(request_training(base_model="none", force=True)).version
    admin = make_user(role="admin")
    promote(second, by=admin)
    rollback(by=admin, reason="worse in practice")
    for promotion, days in zip(Promotion.objects.order_by("pk"), (10, 5, 1), strict=True):
        Promotion.objects.filter(pk=promotion.pk).update(created_at=days_ago(days))
    return champion, second


@pytest.mark.parametrize(("days", "place"), [(9, 0), (4, 1), (0, 0)])
def test_the_last_move_before_a_moment_says_who_was_in_charge(
    history: tuple[ModelVersion, ModelVersion], days: int, place: int
) -> None:
    assert at(days_ago(days)).version == history[place]


def test_before_the_first_move_nobody_was(history: tuple[ModelVersion, ModelVersion]) -> None:
    then = at(days_ago(11))
    assert then.version is None and not then.moves
    assert at(timezone.now(), "detect").version is None


def test_the_moves_of_that_day_are_told(history: tuple[ModelVersion, ModelVersion]) -> None:
    moved = Promotion.objects.order_by("pk")[1]
    assert [move.pk for move in at(moved.created_at).moves] == [moved.pk]


def predicted(champion: ModelVersion) -> Incident:
    incident = make_incident(title="", text="caller bank code otp phone rupees")
    jobs.enqueue("classify", incident.pk, queue="inference", priority=0)
    classify_batch(jobs.claim("inference", worker="test", limits={"classify": Limit(batch=64)}))
    incident.refresh_from_db()
    return incident


def test_what_was_said_then_is_told_with_the_text_and_the_label_of_that_time(champion: ModelVersion) -> None:
    incident = predicted(champion)
    before = incident.created_at - dt.timedelta(days=1)
    label = make_label(incident, paths=[make_path("Fraud", "Vishing")], created_at=timezone.now())
    said = said_of(incident, at(timezone.now()))
    assert (said.prediction.version, said.by_champion, said.label) == (champion, True, label)
    assert said_of(incident, at(before)).text is None
    TextRevision.objects.filter(incident=incident).update(created_at=days_ago(3))
    early = said_of(incident, at(days_ago(2)))
    assert early.text is not None and early.prediction is None and early.label is None


def test_a_replay_says_the_same_again(champion: ModelVersion) -> None:
    incident = predicted(champion)
    found = replay(incident.predictions.get())
    assert found.same and found.close and found.largest_change == 0.0


def test_a_replay_by_a_worker_keeps_what_it_found_and_runs_once(champion: ModelVersion) -> None:
    asked = ask_for_replay(predicted(champion).predictions.get(), by=make_user(role="admin"))
    make_replay(jobs.claim("inference", worker="test", limits={"replay": Limit(batch=8)}))
    asked.refresh_from_db()
    assert asked.status == Replay.Status.DONE and asked.figures["same"] is True


def test_a_replay_of_a_version_whose_files_are_gone_says_so(champion: ModelVersion) -> None:
    asked = ask_for_replay(predicted(champion).predictions.get(), by=None)
    champion.artefact.joinpath("manifest.json").unlink()
    registry._loaded.clear()
    make_replay(jobs.claim("inference", worker="test", limits={"replay": Limit(batch=8)}))
    asked.refresh_from_db()
    assert asked.status == Replay.Status.FAILED and asked.trouble


def test_moments_are_written_as_days_or_minutes() -> None:
    day = moment_of("2026-11-27")
    assert (day.hour, day.minute, day.second) == (23, 59, 59)
    assert moment_of("2026-11-27 14:30").minute == 30
    assert moment_of("2026-11-27T14:30:00+02:00").utcoffset() == dt.timedelta(hours=2)


@pytest.mark.parametrize("typed", ["", "yesterday", "2026-13-01", "2026-11-27 25:00", "99999-01-01", "0001-01-01x"])
def test_what_is_no_moment_is_told_how_to_write_one(typed: str) -> None:
    with pytest.raises(NoSuchMoment, match="Write it as 2026-11-27"):
        moment_of(typed)
