"""What a condition would have met in the last hour."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event
from events.services import filter_dry_run
from events.services.filter_changes import has_fresh_dry_run
from events.services.filter_dry_run import dry_run
from tests.events.filter_rows import make_event, make_filter, make_source

pytestmark = pytest.mark.django_db
BOB, EVE = {"user.name": "bob"}, {"user.name": "eve"}


def test_it_counts_what_is_met_and_what_would_be_hidden() -> None:
    source = make_source()
    ordinary = [make_event(source, BOB) for _ in range(6)]
    above = make_event(source, BOB, decision=Event.Decision.ABOVE)
    make_event(source, EVE, decision=Event.Decision.ABOVE)
    row = make_filter(enabled=False)
    found = dry_run(row)
    assert (found.examined, found.matched, found.flagged, found.in_detections) == (8, 7, 1, 0)
    assert found.decisions == {"ordinary": 6, "above": 1}
    assert found.examples == [above.pk, *[one.pk for one in reversed(ordinary)][:4]]  # the telling one first
    row.refresh_from_db()
    assert row.dry_run["matched"] == 7
    assert has_fresh_dry_run(row)


def test_it_looks_at_the_last_hour_of_its_source_alone() -> None:
    source = make_source()
    make_event(source, BOB, received_at=timezone.now() - timedelta(days=3))
    make_event(source, BOB, received_at=timezone.now() - timedelta(minutes=61))
    make_event(source, BOB, received_at=timezone.now() - timedelta(minutes=59))
    make_event(make_source(), BOB)
    assert dry_run(make_filter(source=source)).matched == 1
    assert dry_run(make_filter()).matched == 2


def test_it_takes_the_newest_ones_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_dry_run, "MOST_EVENTS", 3)
    source = make_source()
    for fields in (EVE, BOB, BOB, BOB):
        make_event(source, fields)
    found = dry_run(make_filter())
    assert (found.examined, found.matched, found.limited) == (3, 3, True)


def test_without_events_it_finds_nothing() -> None:
    found = dry_run(make_filter())
    assert (found.examined, found.matched, found.examples, found.microseconds) == (0, 0, [], 0.0)


def test_the_beginning_of_the_hour_is_found_by_bisection() -> None:
    source, now = make_source(), timezone.now()
    ages = [300, 200, 90, 89, 61, 60, 30, 2]
    rows = [make_event(source, BOB, received_at=now - timedelta(minutes=age)) for age in ages]
    rows[3].delete()
    for age, expected in [(400, rows[0].pk), (150, rows[2].pk), (75, rows[4].pk), (10, rows[7].pk)]:
        found = filter_dry_run._first_since(now - timedelta(minutes=age))
        assert Event.objects.filter(pk__gte=found).order_by("pk").first().pk == expected
    assert not Event.objects.filter(pk__gte=filter_dry_run._first_since(now)).exists()
