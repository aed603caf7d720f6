"""Forgetting: what is old goes, chunk by chunk, and what is needed stays."""

import datetime as dt
import json

import numpy as np
import pytest
from django.utils import timezone

from events.models import (
    DeadLetter,
    Detection,
    Entity,
    EntityPane,
    Event,
    FieldState,
    FirstSeen,
    InboxBatch,
    SourceMinute,
    ValueCount,
)
from events.models.entity import SIGHTINGS, pane_key
from events.models.source import MOST_NUMBERS
from events.services import retention
from events.services.ingest import Intake
from events.services.retention import forget_events, request_forgetting
from events.stream.event import Line
from tests.events.builders import make_entity, make_events, make_source
from tests.events.streams import session
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db


def forget():
    request_forgetting()
    batch = jobs.claim("events", worker="test", limits={"forget_events": Limit()})
    assert batch is not None
    forget_events(batch)


def days_ago(number):
    return timezone.now() - dt.timedelta(days=number)


def make_old(source, entity, count, days, **overrides):
    at = days_ago(days)
    return make_events(
        source, np.zeros((count, 1)), ["x"], entity=entity, day=at.date(), received_at=at, at=at, **overrides
    )


def test_events_beyond_the_source_s_days_go_in_chunks_and_the_others_stay(monkeypatch):
    monkeypatch.setattr(retention, "CHUNK", 10)
    source, other = make_source(retention_days=10), make_source(retention_days=100)
    entity, elsewhere = make_entity(source), make_entity(other)
    make_old(source, entity, 35, 11)
    make_old(source, entity, 5, 9)
    make_old(other, elsewhere, 5, 11)
    request_forgetting()
    while batch := jobs.claim("events", worker="test", limits={"forget_events": Limit()}):
        forget_events(batch)
    assert Event.objects.filter(source=source).count() == 5
    assert Event.objects.filter(source=other).count() == 5


def test_evidence_of_an_open_detection_stays():
    source = make_source(retention_days=7)
    entity, now = make_entity(source), timezone.now()
    held = Detection.objects.create(source=source, entity=entity, cause="x", first_seen=now, last_seen=now)
    make_old(source, entity, 2, 50, detection=held)
    forget()
    assert Event.objects.filter(source=source).count() == 2
    Detection.objects.update(status="dismissed")
    Job.objects.all().delete()
    forget()
    assert not Event.objects.filter(source=source).exists()


def test_entities_that_are_gone_take_their_aggregates_with_them():
    source = make_source(retention_days=7)
    gone, here = make_entity(source, last_seen=days_ago(8)), make_entity(source)
    for entity in (gone, here):
        zeros = dict.fromkeys(("mean", "m2", "low", "high", "weight", "decayed_sum", "decayed_at"), 0.0)
        FieldState.objects.create(pk=entity.pk * MOST_NUMBERS, n=1, **zeros)
        FirstSeen.objects.create(
            pk=entity.pk * SIGHTINGS, entity_id=entity.pk, field="country", value="DE", at=timezone.now()
        )
    forget()
    assert list(Entity.objects.filter(source=source)) == [here]
    assert list(FieldState.objects.values_list("pk", flat=True)) == [here.pk * MOST_NUMBERS]
    assert list(FirstSeen.objects.values_list("entity_id", flat=True)) == [here.pk]


def test_an_entity_whose_clock_is_years_behind_stays_as_long_as_its_events():
    source = make_source(retention_days=7)
    entity = make_entity(source, last_seen=days_ago(400))
    make_events(source, np.zeros((2, 1)), ["x"], entity=entity, at=days_ago(400))
    forget()
    assert Event.objects.filter(source=source).count() == 2
    assert list(Entity.objects.filter(source=source)) == [entity]


def test_values_of_an_old_file_are_kept_as_long_as_its_events():
    source = make_source(retention_days=7)
    lines = [json.dumps(session("alice") | {"@timestamp": "2020-01-01T00:00:00Z"}).encode()]
    Intake(source, format="json").take([Line(line, "old file", 0) for line in lines])
    before = ValueCount.objects.count()
    forget()
    assert ValueCount.objects.count() == before > 0


def test_old_minutes_values_batches_and_settled_dead_letters_go():
    source = make_source(retention_days=7)
    for days in (1, 8):
        minute = int(days_ago(days).timestamp() // 60)
        EntityPane.objects.create(pk=pane_key(5, minute), events=1)
        ValueCount.objects.create(
            pk=days,
            source=source,
            field="country",
            value=str(days),
            n=1,
            first_seen=days_ago(9),
            last_seen=days_ago(days),
        )
    for days in (1, 40):
        InboxBatch.objects.create(
            source=source, key=str(days), digest="", format="json", payload=None, lines=1, processed_at=days_ago(days)
        )
        for state in ("waiting", "replayed"):
            DeadLetter.objects.create(
                source=source, key=f"{state}{days}".encode(), format="json", place="", line="x", size=1, reason="",
                state=state, created_at=days_ago(days),
            )  # fmt: skip
    SourceMinute.objects.create(source=source, minute=days_ago(500))
    forget()
    assert EntityPane.objects.count() == ValueCount.objects.count() == InboxBatch.objects.count() == 1
    assert sorted(DeadLetter.objects.values_list("state", flat=True)) == ["replayed", "waiting", "waiting"]
    assert not SourceMinute.objects.exists()


def test_it_is_asked_for_once_a_day():
    make_source()
    request_forgetting()
    request_forgetting()
    assert Job.objects.filter(kind="forget_events").count() == 1
