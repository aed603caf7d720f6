"""Which rules are in force in this process."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Filter
from events.services import filter_rules
from events.services.filter_changes import create_filter, delete_filter, enable_filter
from events.services.filter_dry_run import dry_run
from events.services.filters import add_hits, look_again, rule_set
from incidents.roles import LEAD
from tests.builders import make_user
from tests.events.filter_rows import make_draft, make_filter, make_source

pytestmark = pytest.mark.django_db
BOB = {"user.name": "bob"}


@pytest.fixture(autouse=True)
def _anew() -> None:
    Filter.objects.all().delete()
    look_again()


def met(source: str = "web") -> str:
    entry = rule_set().first(BOB, source)
    return entry.title if entry else ""


def test_enabled_ones_count_in_their_order() -> None:
    make_filter(name="off", enabled=False, position=1)
    make_filter(name="expired", expires_at=timezone.now() - timedelta(seconds=1), position=2)
    make_filter(name="second", position=4)
    make_filter(name="first", position=3, kind="rule")
    assert met() == "first"
    assert rule_set().entries[0].kind == Filter.Kind.RULE


def test_one_of_a_source_leaves_others_alone() -> None:
    make_filter(name="web only", source=make_source("web"))
    assert (met("web"), met("other")) == ("web only", "")


def test_rows_are_looked_at_once_a_second_and_read_when_they_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    make_filter(name="old")
    assert met() == "old"
    with CaptureQueriesContext(
        connection,
    ) as queries:
        for _ in range(50):
            met()
    assert len(queries) == 0
    Filter.objects.update(name="new", changed_at=timezone.now())  # by another process
    assert met() == "old"
    monkeypatch.setattr(filter_rules, "CHECKED_EVERY", 0.0)
    assert met() == "new"
    with CaptureQueriesContext(connection) as queries:
        met()
    assert len(queries) == 1


def test_an_expiry_counts_at_once() -> None:
    make_filter(name="short", expires_at=timezone.now() + timedelta(seconds=0.3))
    assert met() == "short"
    time.sleep(0.35)
    assert met() == ""


def test_a_change_here_counts_at_once_here() -> None:
    lead = make_user(role=LEAD)
    row = create_filter(make_draft(), by=lead)
    assert met() == ""
    dry_run(row)
    enable_filter(row, by=lead)
    assert met() == "Quiet bob"
    delete_filter(row, by=lead)
    assert met() == ""


def test_a_condition_that_cannot_be_understood_does_not_stop_the_others() -> None:
    make_filter(name="broken", sigma="nonsense", position=1)
    make_filter(name="good", position=2)
    assert met() == "good"


def test_hits_are_added_and_the_last_one_is_never_moved_back() -> None:
    one, two = make_filter(hits=5), make_filter()
    add_hits({two.pk: 1, one.pk: 3}, 1_700_000_000.0)
    add_hits({one.pk: 2}, 1_600_000_000.0)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.hits, two.hits) == (10, 1)
    assert one.last_hit_at == datetime.fromtimestamp(1_700_000_000, UTC)


def test_counting_hits_does_not_make_processes_read_the_rules_again() -> None:
    row = make_filter()
    before = row.changed_at
    add_hits({row.pk: 3}, time.time())
    add_hits({}, time.time())
    row.refresh_from_db()
    assert (row.hits, row.changed_at) == (3, before)
