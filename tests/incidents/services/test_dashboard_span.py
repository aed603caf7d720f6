"""Days by the clock of who looks, cut into slots."""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from incidents.services.dashboard_span import Span

BERLIN, KATHMANDU = "Europe/Berlin", "Asia/Kathmandu"


def span(first: str, last: str) -> Span:
    return Span(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def test_a_day_begins_at_midnight_where_the_person_is() -> None:
    with timezone.override(KATHMANDU):
        (slot,) = span("2026-03-01", "2026-03-01").slots
    assert slot.since == dt.datetime(2026, 2, 28, 18, 15, tzinfo=dt.UTC)
    assert slot.until - slot.since == dt.timedelta(days=1)


def test_the_day_of_a_clock_change_has_the_hours_that_it_has() -> None:
    with timezone.override(BERLIN):
        slots = span("2026-03-28", "2026-03-30").slots
    hours = [(slot.until.astimezone(dt.UTC) - slot.since.astimezone(dt.UTC)).total_seconds() / 3600 for slot in slots]
    assert hours == [24, 23, 24]


def test_the_last_days_end_with_today_where_the_person_is(monkeypatch: pytest.MonkeyPatch) -> None:
    late = dt.datetime(2026, 5, 1, 23, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: late)
    with timezone.override(BERLIN):
        week = Span.of_days(7)
    assert (week.first, week.last, week.days) == (dt.date(2026, 4, 26), dt.date(2026, 5, 2), 7)


@pytest.mark.parametrize(
    ("first", "last", "step", "starts"),
    [
        ("2026-01-01", "2026-04-02", "day", ["2026-01-01", "2026-01-02"]),
        ("2026-01-01", "2026-12-31", "week", ["2026-01-01", "2026-01-05", "2026-01-12"]),
        ("2023-01-31", "2026-12-31", "month", ["2023-01-31", "2023-02-01", "2023-03-01"]),
    ],
)
def test_long_spans_are_cut_into_weeks_from_monday_and_months(
    first: str, last: str, step: str, starts: list[str]
) -> None:
    asked = span(first, last)
    assert asked.step == step
    assert [slot.first.isoformat() for slot in asked.slots[: len(starts)]] == starts
    assert len(asked.slots) == len(asked.names) <= 110


def test_slots_leave_no_gap_and_do_not_overlap() -> None:
    with timezone.override(ZoneInfo(BERLIN)):
        slots = span("2025-09-01", "2026-06-30").slots
    assert all(one.until == following.since for one, following in pairwise(slots))
