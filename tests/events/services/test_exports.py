"""Exports of enriched records: every column, raw units, the same number of queries however many rows."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event, EventSource, ThreatAnswer
from events.services import exports
from events.services.exports import DetectionChoice, EventChoice, detections_as_ocsf, events_as_csv
from tests.builders import make_version
from tests.events.builders import make_detection, make_entity, make_events, make_source
from tests.events.filter_rows import make_filter

pytestmark = pytest.mark.django_db
NAMES = ["bytes", "bytes:z", "bytes:delta", "entity:events"]
Decision = Event.Decision


@pytest.fixture
def source() -> EventSource:
    return make_source("web", numbers=["bytes"])


def rows_of(**choice: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(events_as_csv(EventChoice(**choice))))))


def features(*rows: tuple[float, float, float, float]) -> Any:
    return np.array(rows)


def test_a_row_has_the_references_columns_in_raw_units(source: EventSource) -> None:
    version = make_version(line=source.line)
    answer = ThreatAnswer.objects.create(version=version, template_id=1, band=3, prompt="?", probability=0.9)
    make_events(
        source, features((900.0, 4.0, 800.0, 6.0)), NAMES, entity=make_entity(source, "asha"), decision=Decision.ABOVE,
        fields={"message": "=cmd()", "bytes": 900}, score=0.75, percentile=99.97, detector=version, answer=answer,
        threat=Event.Threat.ASKED, enrichment={"country": "NL"}, enriched="done",
    )  # fmt: skip
    (row,) = rows_of(source=source)
    told = {
        "user_id": "asha", "bytes": "900", "log_text": "'=cmd()", "anomaly": "-1", "anomaly_score": "0.75",
        "anomaly_label": "Anomaly", "classification": "extreme", "bytes_agg": "100", "count": "7",
        "threat_detection": "Threat", "source": "web", "decision": "above", "bytes:z": "4", "percentile": "99.97",
        "detector": version.name, "threat_probability": "0.9", "threat_model": version.name,
        "enrichment": '{"country":"NL"}',
    }  # fmt: skip
    assert {name: row[name] for name in told} == told
    assert json.loads(row["fields"]) == {"message": "=cmd()", "bytes": 900}


def test_what_is_not_known_is_empty(source: EventSource) -> None:
    rule = make_filter(name="Quiet")
    nan = float("nan")
    make_events(source, features((nan, nan, nan, 3.0)), NAMES, decision=Decision.FILTERED, filter=rule)
    make_events(source, features((5.0, 0.0, 0.0, 0.0)), NAMES, decision=Decision.ORDINARY, score=0.1)
    filtered, first = rows_of(source=source)
    assert filtered["filter"] == "Quiet"
    names = ("anomaly", "anomaly_score", "anomaly_label", "threat_detection", "bytes", "bytes_agg", "percentile")
    assert {filtered[name] for name in names} == {""}
    assert (first["anomaly"], first["count"], first["bytes_agg"]) == ("1", "1", "")


def test_a_choice_is_by_source_time_and_decision(source: EventSource) -> None:
    now = timezone.now()
    two = np.zeros((2, 4))
    make_events(source, two, NAMES, at=now - timedelta(hours=2))
    make_events(source, two, NAMES, at=now, decision=Decision.ABOVE)
    make_events(make_source(numbers=["other"]), two[:, :1], ["other"])
    assert len(rows_of()) == 6
    assert len(rows_of(source=source)) == 4
    assert len(rows_of(source=source, since=now - timedelta(hours=1))) == 2
    assert len(rows_of(source=source, until=now)) == 2
    assert [row["decision"] for row in rows_of(decision="above")] == ["above", "above"]


def test_queries_grow_with_pages_and_not_with_rows(source: EventSource, monkeypatch: pytest.MonkeyPatch) -> None:
    make_events(source, np.zeros((40, 4)), NAMES, decision=Decision.ORDINARY, score=0.1)
    with CaptureQueriesContext(connection) as few:
        assert len(rows_of(source=source)) == 40
    monkeypatch.setattr(exports, "EVENTS_AT_ONCE", 10)
    with CaptureQueriesContext(connection) as many:
        assert len({row["event"] for row in rows_of(source=source)}) == 40
    assert (len(few), len(many)) == (4, 7)


def test_a_field_that_comes_up_meanwhile_breaks_nothing(source: EventSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_sets", lambda source: [])
    make_events(source, np.ones((1, 4)), NAMES)
    (row,) = rows_of(source=source)
    assert (row["bytes"], row["count"]) == ("1", "2")


def test_detections_come_as_lines_with_their_most_unusual_events(source: EventSource) -> None:
    entity = make_entity(source, "asha")
    detection, other = make_detection(entity), make_detection(entity, status="dismissed")
    scores = np.array([0.1, 0.9, 0.5, 0.7])
    made = make_events(source, np.zeros((4, 4)), NAMES, entity=entity, detection=detection, score=scores)
    lines = [json.loads(line) for line in "".join(detections_as_ocsf(DetectionChoice(source))).splitlines()]
    assert [line["finding_info"]["uid"] for line in lines] == [f"detection-{one.pk}" for one in (detection, other)]
    assert [one["data"]["event"] for one in lines[0]["evidences"]] == [made[place].pk for place in (1, 3, 2)]
    assert [line["status_id"] for line in lines] == [1, 3]
    assert "".join(detections_as_ocsf(DetectionChoice(source, "confirmed"))) == ""


def test_findings_take_two_queries_a_page(source: EventSource, monkeypatch: pytest.MonkeyPatch) -> None:
    entity = make_entity(source)
    for _ in range(6):
        make_events(source, np.zeros((2, 4)), NAMES, entity=entity, detection=make_detection(entity))
    monkeypatch.setattr(exports, "DETECTIONS_AT_ONCE", 3)
    with CaptureQueriesContext(connection) as queries:
        export = detections_as_ocsf(DetectionChoice())
        assert len("".join(export).splitlines()) == export.rows == 6
    assert len(queries) == 5


def test_rows_stored_while_the_export_runs_are_left_out(source: EventSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "EVENTS_AT_ONCE", 2)
    make_events(source, np.zeros((4, 4)), NAMES)
    pieces: Iterator[str] = iter(events_as_csv(EventChoice(source)))
    next(pieces), next(pieces)
    make_events(source, np.zeros((4, 4)), NAMES)
    assert len(list(pieces)) == 1
