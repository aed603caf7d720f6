"""One verdict, three effects; undone, all three are taken back."""

import datetime as dt

import numpy as np
import pytest
from django.utils import timezone

from events.models import Detection, Event, Filter, TrainingExample
from events.services.effects import SUPPRESSED_FOR, apply_verdicts
from events.services.filter_changes import disable_filter
from events.services.filters import look_again, rule_set
from incidents.models import Incident, User
from incidents.roles import ANALYST
from incidents.services import reviewing, undoing
from tests.builders import make_incident, make_path, make_taxonomy_version, make_user
from tests.events.builders import make_entity, make_events, make_source
from workers import jobs
from workers.jobs import Limit
from workers.models import Job

pytestmark = pytest.mark.django_db
REJECT, CONFIRM = "reject", "confirm"


@pytest.fixture
def analyst() -> User:
    make_path()
    make_taxonomy_version()
    return make_user(role=ANALYST)


@pytest.fixture
def detection() -> Detection:
    """An open detection of alice's refused passwords, with three events and its incident."""
    source = make_source("sshd")
    entity = make_entity(source, "alice")
    now = timezone.now()
    incident = make_incident(source=Incident.Source.DETECTION)
    found = Detection.objects.create(
        source=source, entity=entity, cause="unusual failed", count=3, first_seen=now, last_seen=now,
        incident=incident, template="Password refused for <*>",
    )  # fmt: skip
    fields = {"user.name": "alice", "message": "Password refused for alice"}
    make_events(
        source, np.zeros((3, 1)), ["failed"], entity=entity, detection=found, fields=fields, decision="above",
        percentile=99.9,
    )  # fmt: skip
    return found


def decide(detection, analyst, verdict, paths=(), **more):
    incident = detection.incident
    incident.refresh_from_db()
    assert reviewing.reopen(incident, analyst)
    label = reviewing.decide(incident, reviewer=analyst, verdict=verdict, paths=list(paths), **more)
    work()
    detection.refresh_from_db()
    return label


def work():
    batch = jobs.claim("events", worker="test", limits={"verdict_effects": Limit(batch=16)})
    assert batch is not None
    apply_verdicts(batch)
    look_again()


def standing():
    return TrainingExample.objects.filter(retracted_at=None)


def test_a_false_positive_closes_suppresses_for_a_month_and_teaches(detection, analyst):
    label = decide(detection, analyst, REJECT, reason="Backup job")
    assert detection.status == "dismissed" and detection.closed_at
    suppression = Filter.objects.get(label_id=label.pk)
    assert suppression.kind == "suppression" and suppression.enabled and suppression.owner == analyst
    assert suppression.expires_at - label.created_at == SUPPRESSED_FOR
    assert "Backup job" in suppression.reason
    example = standing().get()
    assert (example.completion, example.label_id) == ("Normal", label.pk)
    assert "Password refused for alice" in example.prompt


def test_the_suppression_meets_the_like_and_nothing_else(detection, analyst):
    decide(detection, analyst, REJECT)
    alike = {"user.name": "alice", "message": "Password refused for alice"}
    met = rule_set().first(alike, "sshd")
    assert met is not None and met.kind == "suppression"
    for other in ({"user.name": "mallory"}, {"message": "Shadow copy was created"}):
        assert rule_set().first(alike | other, "sshd") is None
    assert rule_set().first(alike, "another-source") is None


def test_what_is_expected_until_a_day_is_suppressed_until_then(detection, analyst):
    until = timezone.now() + dt.timedelta(days=3)
    label = decide(detection, analyst, REJECT, expected_until=until)
    assert label.expected_until == until
    assert Filter.objects.get(label_id=label.pk).expires_at == until


def test_undo_takes_all_three_back(detection, analyst):
    label = decide(detection, analyst, REJECT)
    assert undoing.undo(analyst) == detection.incident
    work()
    detection.refresh_from_db()
    assert (detection.status, detection.closed_at) == ("open", None)
    assert not Filter.objects.get(label_id=label.pk).enabled
    assert not standing().exists()


def test_a_confirmation_closes_and_teaches_a_threat(detection, analyst):
    decide(detection, analyst, CONFIRM, [make_path()])
    assert detection.status == "confirmed"
    assert standing().get().completion == "Threat"
    assert not Filter.objects.filter(kind="suppression").exists()


def test_another_verdict_replaces_the_effects_of_the_one_before(detection, analyst):
    first = decide(detection, analyst, REJECT)
    decide(detection, analyst, CONFIRM, [make_path()])
    assert detection.status == "confirmed"
    assert not Filter.objects.get(label_id=first.pk).enabled
    assert [example.completion for example in standing()] == ["Threat"]


def test_a_verdict_that_stands_again_suppresses_again_unless_a_person_switched_that_off(detection, analyst):
    first = decide(detection, analyst, REJECT)
    decide(detection, analyst, CONFIRM, [make_path()])
    undoing.undo(analyst)
    work()
    detection.refresh_from_db()
    suppression = Filter.objects.get(label_id=first.pk)
    assert detection.status == "dismissed" and suppression.enabled
    disable_filter(suppression, by=analyst)
    jobs.enqueue("verdict_effects", detection.incident_id, queue="events", priority=0)
    work()
    assert not Filter.objects.get(label_id=first.pk).enabled


def test_running_twice_or_late_changes_nothing_more(detection, analyst):
    decide(detection, analyst, REJECT)
    for _ in range(2):
        jobs.enqueue("verdict_effects", detection.incident_id, queue="events", priority=0)
        work()
    assert Filter.objects.filter(kind="suppression").count() == 1
    assert standing().count() == 1


def test_an_unsure_verdict_leaves_the_detection_open(detection, analyst):
    decide(detection, analyst, "unsure", reason="What is this?")
    assert detection.status == "open"
    assert not standing().exists()


def test_a_detection_reopened_beside_a_newer_one_gives_its_events_to_it(detection, analyst):
    decide(detection, analyst, REJECT)
    now = timezone.now()
    newer = Detection.objects.create(
        source=detection.source, entity=detection.entity, cause=detection.cause, count=1, first_seen=now, last_seen=now
    )
    undoing.undo(analyst)
    work()
    newer.refresh_from_db()
    assert newer.count == 4 and newer.first_seen == detection.first_seen
    assert Event.objects.filter(detection=newer).count() == 3


def test_a_verdict_on_any_other_report_asks_for_nothing(analyst):
    incident = make_incident()
    assert reviewing.claim(incident, analyst)
    reviewing.decide(incident, reviewer=analyst, verdict=REJECT, paths=[])
    assert not Job.objects.filter(kind="verdict_effects").exists()
