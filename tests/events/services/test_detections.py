"""Folding: k of n, one detection a cause, one incident an entity, and nothing twice."""

import numpy as np
import pytest
from django.utils import timezone

from events.models import Detection, Event, Filter
from events.services import detections, judging
from events.services.detectors import Serving
from events.services.filters import look_again
from events.services.openings import MOST_AN_HOUR
from events.stream.detector import Detector
from incidents.models import Incident
from tests.events.builders import make_source
from tests.events.streams import NOW, lines, session, take

pytestmark = pytest.mark.django_db
RULE = """
title: Tool of an attacker
logsource: {product: caseloop}
detection:
  tool: {process.name: mimikatz}
  condition: tool
"""


@pytest.fixture
def trained(monkeypatch):
    """A detector of ordinary sessions that judges every source here; sessions with many failures are above."""
    source = make_source(format="json", entity_field="user.name")
    rng = np.random.default_rng(5)
    ordinary = [session(f"user{n % 20}", NOW + n, failed=int(rng.integers(0, 3))) for n in range(600)]
    take(source, lines(ordinary), NOW + 700)
    events = Event.objects.filter(source=source).select_related("feature_set").order_by("pk")
    names = events.last().feature_set.names
    rows = np.array([event.values for event in events if len(event.values) == len(names)])
    detector = Detector.fit(rows, names, seed=1)
    serving = Serving(None, detector, detector.threshold(0.01))
    monkeypatch.setattr(judging, "serving", lambda source: serving)
    return source


def attack(user, count, start=0, failed=60):
    values = {"failed": failed, "bytes": 1e5 * failed, "message": "Password refused"}
    return lines([session(user, NOW + 800 + at, **values) for at in range(start, start + count)])


def test_one_event_above_is_no_detection_where_two_of_ten_are_asked_for(trained):
    assert take(trained, attack("mallory", 1), NOW + 900).detections == 0
    assert Event.objects.filter(decision="above").count() == 1
    assert take(trained, attack("mallory", 1, 1), NOW + 901).detections == 1
    found = Detection.objects.get()
    assert found.count == 2 and found.events.count() == 2
    assert found.status == "open" and found.explanation and found.percentile > 90


@pytest.mark.parametrize("batch", [1, 256])
def test_a_burst_is_one_detection_and_one_incident_whatever_the_batch(trained, batch):
    take(trained, attack("mallory", 30), NOW + 900, batch=batch)
    incident = Incident.objects.get(source="detection")
    assert incident.detections.count() == Detection.objects.count()
    assert sum(Detection.objects.values_list("count", flat=True)) == Event.objects.filter(decision="above").count()
    assert "mallory" in incident.title and incident.status == "new"


def test_a_redelivery_adds_nothing(trained):
    sent = attack("mallory", 5)
    take(trained, sent, NOW + 900)
    before = list(Detection.objects.values_list("pk", "count"))
    take(trained, sent * 2, NOW + 901)
    assert list(Detection.objects.values_list("pk", "count")) == before


def test_entities_have_incidents_of_their_own(trained):
    take(trained, attack("mallory", 4) + attack("trudy", 4), NOW + 900)
    assert Incident.objects.filter(source="detection").count() == 2


def test_a_closed_cause_opens_nothing_within_the_cool_down_and_does_after_it(trained):
    take(trained, attack("mallory", 4), NOW + 900)
    Detection.objects.update(status="dismissed", closed_at=timezone.now())
    assert take(trained, attack("mallory", 4, 10), NOW + 910).detections == 0
    trained.cooldown_minutes = 0
    assert take(trained, attack("mallory", 4, 20, failed=5000), NOW + 920).detections >= 1


def test_a_wave_of_one_cause_joins_one_incident(trained):
    wave = [line for number in range(MOST_AN_HOUR + 8) for line in attack(f"victim{number}", 3)]
    take(trained, wave, NOW + 900)
    assert Detection.objects.count() > Incident.objects.filter(source="detection").count()
    assert Detection.objects.filter(incident=None).count() == 0


def test_a_rule_opens_at_once_whatever_the_score():
    Filter.objects.create(name="Tool of an attacker", kind="rule", sigma=RULE, enabled=True, reason="known", position=1)
    look_again()
    source = make_source(format="json")
    outcome = take(source, lines([session(**{"process.name": "mimikatz"})]))
    assert outcome.detections == 1
    found = Detection.objects.get()
    assert found.cause == "rule: Tool of an attacker"
    assert Event.objects.get().decision == "picked"


def test_names_full_of_control_characters_make_a_readable_incident():
    Filter.objects.create(name="Tool of an attacker", kind="rule", sigma=RULE, enabled=True, reason="known", position=1)
    look_again()
    source = make_source(format="json")
    hostile = session("\x1b[31mroot\x07\u202e", message="\x00\x1b]0;owned\x07 \ufffd", **{"process.name": "mimikatz"})
    assert take(source, lines([hostile])).detections == 1
    assert Incident.objects.get(source="detection").title.isprintable()


def test_the_window_looks_back_over_scored_events_alone(trained):
    take(trained, attack("mallory", 1), NOW + 900)
    quiet = [session("mallory", NOW + 850 + n, message="Session ended") for n in range(20)]
    take(trained, lines(quiet), NOW + 910)
    assert take(trained, attack("mallory", 1, 100, failed=5000), NOW + 920).detections == 1
    assert trained.n <= detections.LOOKED_BACK


def test_no_detection_is_without_events(trained):
    take(trained, attack("mallory", 6) + attack("mallory", 6, 50, failed=0), NOW + 900)
    assert not Detection.objects.filter(count=0).exists()
