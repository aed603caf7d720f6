"""The figures of the dashboard, picture by picture."""

import datetime as dt

import pytest
from django.utils import timezone

from incidents.models import Incident, Label, Retraction, User
from incidents.roles import ANALYST, LEAD
from incidents.services.dashboard import PICTURES
from incidents.services.dashboard_picture import Picture
from incidents.services.dashboard_span import Span
from incidents.services.reviewing import claim, reopen
from tests.builders import make_incident, make_label, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
WEEK = Span(dt.date(2026, 6, 4), dt.date(2026, 6, 10))


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def draw(name: str, user: User | None = None, span: Span = WEEK) -> Picture:
    return PICTURES[name].draw(span, user or make_user(role=ANALYST))


def column(picture: Picture, place: int) -> list[object]:
    return [row[place] for row in picture.rows]


def test_what_waits_at_the_end_of_a_day_came_before_and_is_neither_decided_nor_merged() -> None:
    make_incident(created_at=NOW - 20 * DAY, status="classified")
    make_incident(created_at=NOW - 20 * DAY, status="decided", decided_at=NOW - 2 * DAY)
    make_incident(created_at=NOW - 3 * DAY, status="merged")
    make_incident(created_at=NOW - HOUR, status="new")
    flow = draw("flow")
    assert column(flow, 1) == [0, 0, 0, 1, 0, 0, 1]
    assert column(flow, 2) == [0, 0, 0, 0, 1, 0, 0]
    assert column(flow, 3) == [2, 2, 2, 2, 1, 1, 2]
    assert [tile.value for tile in flow.tiles] == ["2", "1", "2", "20 d 0 h"]


def test_what_is_accepted_automatically_waits_no_longer_and_nobody_has_decided_it() -> None:
    make_incident(created_at=NOW - HOUR, status="accepted")
    flow = draw("flow")
    assert (column(flow, 1)[-1], column(flow, 2)[-1], column(flow, 3)[-1]) == (1, 0, 0)
    assert [(str(tile.name), tile.value) for tile in flow.tiles][2] == ("accepted automatically, of those filed", "1")


def test_days_are_those_of_the_time_zone_that_is_active() -> None:
    make_incident(created_at=dt.datetime(2026, 6, 9, 23, 30, tzinfo=dt.UTC))
    assert column(draw("flow"), 1)[-2:] == [1, 0]
    with timezone.override("Europe/Berlin"):
        assert column(draw("flow", span=Span(WEEK.first, WEEK.last)), 1)[-2:] == [0, 1]


def test_triage_ends_with_the_first_claim_and_resolving_with_the_decision() -> None:
    incident = make_incident(created_at=NOW - 5 * HOUR, status="classified")
    analyst, other = make_user(role=ANALYST), make_user(role=ANALYST)
    assert claim(incident, analyst)
    incident.refresh_from_db()
    assert (incident.triaged_at, incident.triage_seconds, incident.resolve_seconds) == (NOW, 5 * 3600, None)
    Incident.objects.filter(pk=incident.pk).update(status="decided", claimed_by=None, decided_at=NOW + HOUR)
    assert reopen(incident, other)
    incident.refresh_from_db()
    assert (incident.triage_seconds, incident.resolve_seconds) == (5 * 3600, 6 * 3600)


def test_a_later_claim_does_not_change_when_a_report_was_taken_up_first() -> None:
    incident = make_incident(created_at=NOW - 5 * HOUR, status="classified", first_claimed_at=NOW - 4 * HOUR)
    assert claim(incident, make_user(role=ANALYST))
    incident.refresh_from_db()
    assert incident.triage_seconds == 3600


def test_times_give_the_median_and_what_nine_of_ten_kept() -> None:
    for hours in range(1, 11):
        make_incident(created_at=NOW - hours * HOUR, decided_at=NOW, first_claimed_at=NOW - hours * HOUR + HOUR / 2)
    make_incident(created_at=NOW, decided_at=NOW, source="import")
    times = draw("times")
    assert (
        times.rows
        == [
            (dt.date(2026, 6, 9), 0, None, None, 0, None, None),
            (dt.date(2026, 6, 10), 10, 1800, 1800, 10, 6 * 3600, 10 * 3600),
        ][1:]
    )
    assert [tile.value for tile in times.tiles] == ["30 min 0 s", "6 h 0 min"]


def test_labels_are_those_that_stand_the_most_frequent_first_and_the_rest_together() -> None:
    for place in range(10):
        for _ in range(12 - place):
            make_incident(created_at=NOW - DAY, standing_category=f"Category {place}; '%s")
    make_incident(created_at=NOW - DAY)
    make_incident(created_at=NOW - 30 * DAY, standing_category="Long ago")
    labels = draw("labels")
    assert [str(one.name) for one in labels.columns[1:]] == [f"Category {n}; '%s" for n in range(8)] + ["others"]
    (yesterday,) = [row for row in labels.rows if row[0] == dt.date(2026, 6, 9)]
    assert yesterday[1:] == (12, 11, 10, 9, 8, 7, 6, 5, 7)
    assert round(sum(line.share for line in labels.bars), 6) == 1


def test_ages_are_of_what_waits_now_whatever_time_is_shown() -> None:
    for age in (HOUR / 2, 2 * HOUR, 5 * HOUR, 2 * DAY, 4 * DAY, 10 * DAY, 100 * DAY):
        make_incident(created_at=NOW - age, status="classified")
    make_incident(created_at=NOW - HOUR, status="decided", decided_at=NOW)
    assert column(draw("ages"), 1) == [1] * 7
    assert draw("ages", span=Span(dt.date(2020, 1, 1), dt.date(2020, 1, 2))).most == 1


def test_leads_see_what_everybody_decided_and_others_themselves_alone() -> None:
    first, second = make_user("first", role=ANALYST), make_user("second", role=ANALYST)
    for seconds in (10.0, 20.0, 30.0):
        make_label(make_incident(), first, verdict="confirm", seconds=seconds, created_at=NOW)
    corrected = make_label(make_incident(), first, verdict="correct", seconds=40.5, created_at=NOW)
    Retraction.objects.create(label=corrected, by=first, created_at=NOW)
    make_label(make_incident(), second, verdict="reject", seconds=5.0, created_at=NOW)
    make_label(make_incident(), second, verdict="reject", created_at=NOW - 30 * DAY)
    make_label(make_incident(), verdict="confirm", source=Label.Source.IMPORT, created_at=NOW)
    assert draw("people", make_user(role=LEAD)).rows == [
        ("first", 4, 0, 1, 0.25, 30.0, 40.5),
        ("second", 1, 0, 0, None, 5.0, 5.0),
    ]
    assert column(draw("people", second), 0) == ["second"]
    assert draw("people", make_user(role=ANALYST)).rows == []


def test_the_model_is_measured_where_people_decided_unseen() -> None:
    for verdict in ("confirm", "confirm", "confirm", "correct"):
        incident = make_incident(blind=True)
        values = {"blind": True, "suggested": [], "suggested_confidence": 0.8, "shown_model": "classify-9"}
        make_label(incident, make_user(role=ANALYST), verdict=verdict, created_at=NOW, **values)
    model = draw("model")
    assert model.tiles[0].value == "75.0\u00a0%"
    assert "classify-9" in "".join(str(row[0]) for row in model.rows)
    assert all(row[2] <= row[1] <= row[3] for row in model.rows)


def test_anomalies_are_the_most_unusual_reports() -> None:
    make_incident(created_at=NOW, current_anomaly=99.0)
    make_incident(created_at=NOW, current_anomaly=98.9)
    assert column(draw("anomalies"), 1) == [0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("name", ["times", "labels", "ages", "people", "model", "anomalies"])
def test_a_picture_without_numbers_says_what_would_bring_some(name: str) -> None:
    picture = draw(name)
    assert picture.rows == []
    assert len(str(picture.empty)) > 20
