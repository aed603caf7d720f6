"""Which action is allowed in which state."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Incident
from incidents.services.next_steps import STEPS, next_steps
from tests.builders import make_incident, make_user

pytestmark = pytest.mark.django_db

OPEN = {"review", "ask", "snooze", "merge", "reject"}
ALLOWED = {
    "new": OPEN,
    "classified": OPEN,
    "second_look": OPEN,
    "in_review": {"review"},
    "waiting_reporter": {"review", "wake", "merge"},
    "accepted": {"reopen", "merge"},
    "decided": {"reopen", "merge"},
    "rejected": {"reopen", "merge"},
    "merged": {"part"},
    "erased": set(),
}


@pytest.mark.parametrize("status", Incident.Status.values)
def test_each_state_has_its_actions(status: str) -> None:
    user = make_user(role="analyst")
    incident = make_incident(claimed_by=user if status == "in_review" else None)
    incident.status = status  # not kept: an erased one would need its erasure
    assert {step.name for step in next_steps(incident, user)} == ALLOWED[status]


def test_nothing_is_offered_while_somebody_else_holds_the_report() -> None:
    held = {"status": "in_review", "claimed_by": make_user(role="analyst")}
    user, soon = make_user(role="analyst"), timedelta(minutes=5)
    assert next_steps(make_incident(**held, claim_expires_at=timezone.now() + soon), user) == []
    assert next_steps(make_incident(**held, claim_expires_at=timezone.now() - soon), user) != []


@pytest.mark.parametrize("source", ["import", "detection", "demo"])
def test_nobody_is_asked_where_nobody_would_answer(source: str) -> None:
    steps = next_steps(make_incident(source=source), make_user(role="analyst"))
    assert "ask" not in {step.name for step in steps}


def test_every_step_has_a_template_of_its_own() -> None:
    assert len({step.template for step in STEPS}) == len(STEPS)
