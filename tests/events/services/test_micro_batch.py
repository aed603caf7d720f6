"""From lines to committed records: exact aggregates, once each, nothing lost, nothing stuck."""

import copy
import math
import random

import numpy as np
import pytest
from django.db import transaction

from events.models import DeadLetter, Entity, EntityPane, Event, EventSource, FirstSeen, SourceMinute, ValueCount
from events.models.entity import pane_of
from events.services import ingest
from events.services.ingest import Intake
from events.stream.aggregates import DECAY
from events.stream.event import Line
from tests.events.builders import make_source
from tests.events.streams import NOW, lines, recomputed, session, states_of, take

pytestmark = pytest.mark.django_db


def random_sessions(count, users=7, seed=3):
    rng = random.Random(seed)
    return [
        session(
            f"user{rng.randrange(users)}", NOW + place, failed=rng.randint(0, 9), bytes=1e6 + rng.gauss(0, 1),
            message=rng.choice(["User opened report 7", "Session ended", f"Query took {rng.randint(1, 99)} ms"]),
        )
        for place in range(count)
    ]  # fmt: skip


def assert_exact(source, events):
    states = states_of(source)
    for field in ("failed", "bytes"):
        for user, expected in recomputed(events, field).items():
            state = states[user, field]
            assert (state.n, state.low, state.high) == (expected["n"], expected["low"], expected["high"])
            assert state.mean == pytest.approx(expected["mean"], rel=1e-12)
            assert state.m2 / max(state.n - 1, 1) == pytest.approx(expected["variance"], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("batch", [1, 7, 256])
def test_aggregates_are_exact_whatever_the_batch_and_however_often_it_is_delivered(batch):
    source, events = make_source(format="json"), random_sessions(400)
    sent = lines(events)
    take(source, sent, NOW + 500, batch=batch)
    again = take(source, sent[100:300] * 2, NOW + 600, batch=batch)
    assert (again.stored, again.duplicates) == (0, 400)
    assert Event.objects.filter(source=source).count() == 400
    assert_exact(source, events)


def test_features_do_not_depend_on_the_size_of_the_batch():
    rows = []
    for batch in (1, 64):
        ingest.forget()
        source = make_source(format="json")
        take(source, lines(random_sessions(120)), NOW + 500, batch=batch)
        events = Event.objects.filter(source=source).select_related("feature_set").order_by("pk")
        rows.append(np.array([event.values for event in events if event.values.size == len(events.last().values)]))
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-9, atol=1e-9, equal_nan=True)


def test_an_event_sees_what_came_before_it_and_not_itself():
    source = make_source(format="json")
    take(source, lines([session(failed=value, at=NOW + value) for value in (1, 2, 1, 2, 14)]))
    last = Event.objects.filter(source=source).order_by("pk").last()
    named = dict(zip(last.feature_set.names, last.values, strict=True))
    assert named["failed"] == 14
    assert named["entity:events"] == 4
    assert named["failed:delta"] == pytest.approx(12.5, abs=0.1)
    assert named["template:new_for_entity"] == 0.0


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_has_added_is_seen():
    source = make_source(format="json")
    take(source, lines([session(failed=1)]))
    kept = copy.deepcopy(ingest.entities._memory._young)
    take(source, lines([session(failed=3)]))
    ingest.entities._memory._young.update(kept)  # as in a worker that did not see the second event
    take(source, lines([session(failed=5)]))
    last = Event.objects.filter(source=source).order_by("pk").last()
    assert dict(zip(last.feature_set.names, last.values, strict=True))["entity:events"] == 2
    assert states_of(source)["alice", "failed"].n == 3


def test_decayed_sums_and_panes_are_those_of_the_events():
    source = make_source(format="json")
    times = [NOW, NOW + 1800, NOW + 600, NOW + 3600]
    for at in times:  # one of them late
        take(source, lines([session(at=at, failed=2)]), NOW + 4000)
    entity, state = Entity.objects.get(source=source), states_of(source)["alice", "failed"]
    expected = sum(math.exp(-DECAY * (max(times) - at)) for at in times)
    assert entity.weight == pytest.approx(expected)
    assert (state.weight, state.decayed_sum) == (pytest.approx(expected), pytest.approx(2 * expected))
    place = source.numbers.index("failed")
    rows = EntityPane.objects.all()
    panes = {pane_of(pane.pk): (pane.events, getattr(pane, f"sum_{place}")) for pane in rows}
    assert panes == {(entity.pk, int(at // 60)): (1, 2.0) for at in times}


def test_filtered_events_are_stored_and_counted_and_not_scored():
    source = make_source(format="json")
    outcome = take(source, lines([session(message="Session ended"), session(message="Session ended abruptly")]))
    assert (outcome.stored, outcome.dropped) == (2, 1)
    event = Event.objects.filter(source=source).order_by("pk").first()
    assert (event.decision, event.score) == ("filtered", None)
    assert event.filter.name.lower().endswith("session ended")
    assert Entity.objects.get(source=source).events == 2


def test_broken_lines_become_dead_letters_once_and_stop_nothing():
    source = make_source(format="json")
    broken = [b'{"user": "alice", "fai', b'{"failed": NaN}', b"[1, 2]"]
    sent = lines([session(), *broken, session()])
    outcome = take(source, sent)
    assert (outcome.received, outcome.stored, outcome.refused) == (5, 2, 3)
    take(source, sent)
    letters = DeadLetter.objects.filter(source=source)
    assert letters.count() == 3
    assert all(letter.reason and letter.is_whole and letter.format == "json" for letter in letters)


def test_a_line_that_was_cut_is_refused_with_its_size():
    source = make_source(format="json")
    take(source, [Line(b'{"a": "' + b"x" * 500, "file", 0, left_out=9_999_493)])
    letter = DeadLetter.objects.get(source=source)
    assert letter.size == 10_000_000 and not letter.is_whole
    assert "10,000,000 bytes" in letter.reason


def test_an_id_that_comes_again_with_other_content_is_refused_and_with_the_same_is_known():
    source = make_source(format="json")
    take(source, lines([session(id="e-1", failed=1)]))
    outcome = take(source, lines([session(id="e-1", failed=1), session(id="e-1", failed=9)]))
    assert (outcome.stored, outcome.duplicates, outcome.refused) == (0, 1, 1)
    assert "used before" in DeadLetter.objects.get(source=source).reason
    assert states_of(source)["alice", "failed"].high == 1


def test_a_clock_years_ahead_is_not_believed_and_one_years_behind_is_kept():
    source = make_source(format="json")
    take(source, lines([session(at=NOW + 9e8), session(at=NOW - 9e8), session(at=-5.0)]), NOW)
    ahead, behind, before = Event.objects.filter(source=source).order_by("pk")
    assert ahead.at.timestamp() == NOW and "clock" in ahead.problem
    assert behind.at.timestamp() == NOW - 9e8 and not behind.problem
    assert before.at.timestamp() == NOW and before.problem
    assert Entity.objects.get(source=source).events == 3


def test_a_field_that_changes_its_type_is_kept_and_not_aggregated():
    source = make_source(format="json")
    take(source, lines([session(failed=3), session(failed="three"), session(failed=5)]))
    assert states_of(source)["alice", "failed"].n == 2
    assert list(Event.objects.filter(source=source).order_by("pk").values_list("fields__failed", flat=True)) == [
        3,
        "three",
        5,
    ]


def test_a_new_numeric_field_gets_a_slot_and_earlier_events_stay_readable():
    source = make_source(format="json")
    take(source, lines([session()]))
    before = source.numbers[:]
    take(source, lines([session(latency=12.5)]))
    stored = EventSource.objects.get(pk=source.pk)
    assert stored.numbers[: len(before)] == before and "latency" in stored.numbers
    for event in Event.objects.filter(source=source).select_related("feature_set"):
        assert len(event.values) == len(event.feature_set.names)


def test_a_source_of_a_thousand_fields_keeps_them_and_aggregates_64():
    source = make_source(format="json")
    for start in range(0, 200, 50):
        take(source, lines([session() | {f"n{place}": place for place in range(start, start + 50)}]))
    assert len(EventSource.objects.get(pk=source.pk).numbers) == 64
    assert Event.objects.filter(source=source).count() == 4


def test_a_batch_that_fails_leaves_nothing_behind_and_can_be_done_again():
    source, sent = make_source(format="json"), lines(random_sessions(20))

    def fail():
        raise RuntimeError("the acknowledgement failed")

    with pytest.raises(RuntimeError):
        Intake(source, clock=lambda: NOW + 60).take(sent, fail)
    assert not Event.objects.filter(source=source).exists()
    assert not Entity.objects.filter(source=source).exists()
    assert take(source, sent).stored == 20
    assert_exact(source, random_sessions(20))


def test_values_are_counted_and_first_seen_once():
    source = make_source(format="json")
    sent = [session(country="DE"), session(country="DE"), session(country="FR"), session("bob", country="FR")]
    take(source, lines(sent))
    counts = dict(ValueCount.objects.filter(source=source, field="country").values_list("value", "n"))
    assert counts == {"DE": 2, "FR": 2}
    assert FirstSeen.objects.filter(field="country").count() == 3
    events = Event.objects.filter(source=source).select_related("feature_set").order_by("pk")
    news = [dict(zip(event.feature_set.names, event.values, strict=True))["country:new_for_entity"] for event in events]
    assert news == [0.0, 0.0, 1.0, 0.0]  # to somebody without a past, nothing is new


def test_each_minute_adds_up():
    source = make_source(format="json")
    sent = lines([session(), session(message="Session ended"), b"{"])
    take(source, sent)
    take(source, sent)
    minute = SourceMinute.objects.get(source=source)
    assert (minute.received, minute.duplicates, minute.refused, minute.dropped) == (6, 2, 2, 1)
    assert minute.lag_max == pytest.approx(60)


def test_an_event_that_names_nobody_is_about_the_source_as_a_whole():
    source = make_source(format="json")
    take(source, lines([{"message": "disk full", "failed": 1}]))
    assert Entity.objects.get(source=source).kind == "event.dataset"


@pytest.mark.django_db(transaction=True)
def test_what_is_remembered_never_outlives_a_rollback():
    source = make_source(format="json")
    take(source, lines([session(failed=1)]))
    with pytest.raises(RuntimeError), transaction.atomic():
        Intake(source, clock=lambda: NOW).take(lines([session(failed=100)]))
        raise RuntimeError
    take(source, lines([session(failed=3)]))
    state = states_of(source)["alice", "failed"]
    assert (state.n, state.high, state.mean) == (2, 3.0, 2.0)
    last = Event.objects.filter(source=source).order_by("pk").last()
    assert dict(zip(last.feature_set.names, last.values, strict=True))["entity:events"] == 1
