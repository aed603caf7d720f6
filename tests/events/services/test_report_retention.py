"""How long reports are kept, by category; what is held stays."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from events.services.report_retention import erase_due, request_retention
from incidents.models import AuditEvent, Erasure, Incident, RetentionRule, User
from incidents.services.legal_holds import hold_report
from incidents.services.retention import due, look, set_rules
from tests.builders import make_incident, make_path, make_user
from workers import jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make_user(role="admin")


def settled(category: str, days: int, status: str = "decided") -> Incident:
    at = timezone.now() - timedelta(days=days)
    decided = None if status == "merged" else at
    return make_incident(status=status, standing_category=category, decided_at=decided, created_at=at)


def number(category: str) -> int:
    return make_path(category).categories.get().pk


def test_by_default_everything_is_kept_for_ever() -> None:
    settled("Fraud", 5000)
    assert due(RetentionRule.objects.in_force()) == []
    assert request_retention() is None


def test_each_category_goes_by_its_own_rule_and_the_others_by_one() -> None:
    fraud, hacking = number("Fraud"), number("Hacking")
    old, _young, kept, other = (
        settled("Fraud", 31), settled("Fraud", 29), settled("Hacking", 900), settled("", 400, "rejected"),
    )  # fmt: skip
    joined = settled("Fraud", 40, "merged")
    assert due({fraud: 30, hacking: None, None: 365}) == sorted([old.pk, other.pk, joined.pk])
    assert kept.pk not in due({fraud: 30, hacking: None, None: 1})


def test_a_report_of_two_categories_is_kept_as_long_as_the_longer() -> None:
    fraud, hacking = number("Fraud"), number("Hacking")
    both = settled("Fraud or Hacking", 50)
    assert due({fraud: 30, hacking: 60}) == []
    assert due({fraud: 30, hacking: 40}) == [both.pk]
    assert due({fraud: 30}) == []


def test_what_waits_for_somebody_is_never_due() -> None:
    for status in ("new", "classified", "second_look", "in_review", "waiting_reporter"):
        make_incident(status=status, created_at=timezone.now() - timedelta(days=900))
    assert due({None: 1}) == []


def test_what_is_held_is_told_and_stays(admin: User) -> None:
    held, free = settled("Fraud", 400), settled("Fraud", 400)
    hold_report(held, reason="A court", by=admin)
    found = look({None: 365})
    assert (found.due, found.held) == (1, 1)
    assert due({None: 365}) == [free.pk]


def test_a_changed_rule_is_audited_and_an_equal_one_writes_nothing(admin: User) -> None:
    fraud = number("Fraud")
    assert set_rules({fraud: 30, None: 365}, by=admin) == 2
    assert set_rules({fraud: 30, None: 365}, by=admin) == 0
    assert set_rules({fraud: None}, by=admin) == 1
    assert RetentionRule.objects.in_force() == {fraud: None, None: 365}
    events = AuditEvent.objects.filter(kind="retention.changed").order_by("pk")
    assert [(event.subject, event.detail) for event in events][-1] == (
        f"category {fraud}",
        {"before": 30, "after": None},
    )


@pytest.mark.parametrize("days", [0, -1, 40_000])
def test_days_beyond_reason_are_refused(admin: User, days: int) -> None:
    with pytest.raises(ValidationError):
        set_rules({None: days}, by=admin)


def test_the_daily_pass_erases_what_is_due_once(admin: User) -> None:
    old = settled("Fraud", 400)
    set_rules({None: 365}, by=admin)
    assert request_retention() is not None
    assert request_retention() is None
    batch = jobs.claim("desk", worker="test", limits={"retention": jobs.Limit()})
    assert batch is not None
    erase_due(batch)
    old.refresh_from_db()
    erasure = Erasure.objects.get()
    assert (old.status, erasure.cause, erasure.reports, erasure.by) == ("erased", "retention", 1, None)
