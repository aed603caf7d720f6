"""What is frozen for a training, and how much each decision counts in it."""

import hashlib
import json

import pytest

from classifier.ml.results import Example
from classifier.services.snapshot import examples, freeze
from incidents.models import Incident, ReporterMessage
from incidents.services.settings import set_policy
from tests.builders import make_decided, make_label, make_path, make_user

pytestmark = pytest.mark.django_db


def decided(text: str) -> Incident:
    return make_decided(make_path("Hacking"), text=text, split=Incident.Split.TRAIN)


def dispute(incident: Incident) -> None:
    kind = ReporterMessage.Kind.WRONG
    ReporterMessage.objects.create(incident=incident, kind=kind, disputed=incident.current_label)


def weights() -> dict[str, float]:
    rows: tuple[Example, ...] = examples(freeze(), Incident.Split.TRAIN)
    return {row.text.split("\n")[-1]: row.weight for row in rows}


def test_a_decision_that_its_reporter_calls_wrong_counts_less() -> None:
    dispute(decided("disputed"))
    decided("agreed")
    assert weights() == {"disputed": 0.5, "agreed": 1.0}


def test_a_new_decision_counts_in_full_again() -> None:
    incident = decided("disputed")
    dispute(incident)
    incident.current_label = make_label(incident, paths=[make_path("Fraud")])
    incident.save()
    assert weights() == {"disputed": 1.0}


def test_the_weight_is_part_of_the_datasets_hash() -> None:
    incident = decided("disputed")
    before = freeze()
    dispute(incident)
    halved = freeze()
    set_policy("disputed_weight", 0.25, by=make_user(role="admin"))
    assert len({before.content_hash, halved.content_hash, freeze().content_hash}) == 3
    assert freeze() == freeze()


def test_what_an_earlier_release_froze_is_not_frozen_anew() -> None:
    text = decided("the same").current_text
    frozen = freeze()
    covered = json.dumps(["train", f"{text.text_hash} {text.title}", ["Hacking"]])
    frozen.content_hash, frozen.checkable = hashlib.sha256(covered.encode()).hexdigest(), False
    frozen.save()
    assert freeze() == frozen
    decided("another")
    assert freeze() != frozen and freeze().checkable


def test_with_a_weight_of_0_a_disputed_decision_is_left_out() -> None:
    dispute(decided("disputed"))
    decided("agreed")
    set_policy("disputed_weight", 0.0, by=make_user(role="admin"))
    assert weights() == {"agreed": 1.0}


def test_facts_that_a_reporter_adds_are_no_dispute() -> None:
    incident = decided("more of it")
    ReporterMessage.objects.create(incident=incident, kind=ReporterMessage.Kind.FACTS, text="more")
    assert weights() == {"more of it": 1.0}
