"""Suppressions that a verdict asks for."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from events.models import EventSource, Filter
from events.services.filters import create_suppression, lift_suppressions, look_again, rule_set
from events.stream.formats.values import fitted
from incidents.models import AuditEvent
from incidents.roles import ANALYST
from tests.builders import make_user
from tests.events.filter_rows import make_filter, make_source

pytestmark = pytest.mark.django_db
UNTIL = timezone.now() + timedelta(days=2)
RULE = """\
title: Many failures
logsource: {product: linux}
detection:
  a:
    message|contains: failed
  b:
    event.code: [4625, "010"]
  condition: 1 of them
"""


@pytest.fixture(autouse=True)
def _anew() -> None:
    Filter.objects.all().delete()
    look_again()


def suppress(source: EventSource, **overrides: Any) -> Filter | None:
    values: dict[str, Any] = {
        "entity_kind": "user.name", "entity": "bob", "cause": "unusual network.bytes", "until": UNTIL,
        "owner": make_user(role=ANALYST), "reason": "A false positive (incident 3)", "label_id": 9,
    }  # fmt: skip
    return create_suppression(source=source, **values | overrides)


def kind_met(fields: dict[str, Any], source: str = "web") -> str:
    look_again()
    entry = rule_set().first(fields, source)
    return entry.kind if entry else ""


def test_it_is_in_force_at_once_until_its_date_for_its_entity_alone() -> None:
    row = suppress(make_source("web"))
    assert row is not None
    assert (row.kind, row.origin, row.enabled, row.expires_at, row.label_id) == (
        "suppression",
        "verdict",
        True,
        UNTIL,
        9,
    )
    assert kind_met({"user.name": "bob"}) == "suppression"
    assert kind_met({"user.name": "bob"}, source="other") == ""
    assert kind_met({"user.name": "Bob"}) == ""  # names are compared to the letter: these are two entities
    assert kind_met({"user.name": "bobby"}) == ""
    assert AuditEvent.objects.get(kind="filter.created").actor == row.owner


NAMES = [
    "*",
    "b?b",
    "DOM\\bob",
    "\\*",
    'o\'brien "x"',
    "a: b # c",
    "- x",
    "@",
    "no",
    "10",
    "~",
    "ünï\u2028x",
    "x\ny",
    " b ",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_signs_is_meant_literally(name: str) -> None:
    suppress(make_source("web"), entity=name)
    assert kind_met({"user.name": name}) == "suppression"
    for other in ("bob", "bxb", "", name + "x", name.strip("\\ ") + "y"):
        assert kind_met({"user.name": other}) == ""


def test_a_name_that_was_cut_is_met_by_its_beginning() -> None:
    name = "n" * 150 + "*" * 100
    suppress(make_source("web"), entity=fitted(name, 200))
    assert kind_met({"user.name": name}) == "suppression"
    assert kind_met({"user.name": "n" * 300}) == ""


def test_one_that_a_rule_caused_is_narrowed_to_the_rule_and_stands_before_it() -> None:
    rule = make_filter(name="Many failures", kind="rule", sigma=RULE)
    row = suppress(make_source("web"), cause="rule: Many failures")
    rule.refresh_from_db()
    assert row is not None
    assert row.position < rule.position
    assert kind_met({"user.name": "bob", "message": "Login failed"}) == "suppression"
    assert kind_met({"user.name": "bob", "event.code": "010"}) == "suppression"
    assert kind_met({"user.name": "eve", "message": "Login failed"}) == "rule"
    assert kind_met({"user.name": "bob", "message": "Other"}) == ""


def test_one_that_a_score_caused_leaves_rules_alone() -> None:
    make_filter(name="Many failures", kind="rule", sigma=RULE)
    suppress(make_source("web"))
    assert kind_met({"user.name": "bob", "message": "Login failed"}) == "rule"
    assert kind_met({"user.name": "bob", "message": "Other"}) == "suppression"


def test_one_of_a_template_is_narrowed_to_it() -> None:
    suppress(make_source("web"), cause="unusual template", template="Rotated <*> (really?) to <*>")
    assert kind_met({"user.name": "bob", "message": "Rotated 17 (really?) to /var/x"}) == "suppression"
    assert kind_met({"user.name": "bob", "message": "Rotated 17 (really!) to /var/x"}) == ""
    assert kind_met({"user.name": "bob", "message": " Rotated  17 (really?) to x"}) == "suppression"
    assert kind_met({"user.name": "bob", "message": "Rotated 17 (really?) to x; evil"}) == ""
    assert kind_met({"user.name": "bob", "message": "Dropped 17"}) == ""


def test_a_template_that_was_cut_is_met_by_its_beginning() -> None:
    for cut in (300, 299, 298, 297):
        template = "x" * (300 - cut) + "word <*> " * 60
        suppress(make_source(f"cut-{cut}"), template=template[:300])
        message = template.replace("<*>", "17")
        assert kind_met({"user.name": "bob", "message": message}, source=f"cut-{cut}") == "suppression"


def test_events_that_name_nobody_are_suppressed_by_their_cause_or_not_at_all() -> None:
    source = make_source("web")
    make_filter(name="Many failures", kind="rule", sigma=RULE)
    assert suppress(source, entity_kind="event.dataset", entity="all", template="<*>") is None
    assert AuditEvent.objects.filter(kind="filter.impossible").exists()
    assert kind_met({"x": 1}) == ""
    suppress(source, entity_kind="event.dataset", entity="all", cause="rule: Many failures")
    assert kind_met({"message": "failed"}) == "suppression"


def test_an_undone_verdict_lifts_its_own_suppressions() -> None:
    source = make_source("web")
    suppress(source)
    suppress(source, entity="eve", label_id=10)
    lift_suppressions(9)
    lift_suppressions(9)
    assert kind_met({"user.name": "bob"}) == ""
    assert kind_met({"user.name": "eve"}) == "suppression"
    assert AuditEvent.objects.filter(kind="filter.disabled").count() == 1


def test_a_date_that_is_over_when_the_job_runs_suppresses_nothing() -> None:
    row = suppress(make_source("web"), until=timezone.now() - timedelta(minutes=1))
    assert row is not None and row.is_expired
    assert kind_met({"user.name": "bob"}) == ""
