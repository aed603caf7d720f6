"""Detection Findings, held against what OCSF 1.3 requires of class 2004."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from events.models import Detection, Entity, EventSource
from events.services.ocsf import finding

REQUIRED = {
    "activity_id": int, "category_uid": int, "class_uid": int, "finding_info": dict, "metadata": dict,
    "severity_id": int, "time": int, "type_uid": int,
}  # fmt: skip
FIRST, LAST = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 1, 2, 3, 9, 5, tzinfo=UTC)


def made(kind: str = "user.name", events: list[dict[str, Any]] | None = None, **overrides: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "pk": 7, "source": EventSource(name="sshd"), "entity": Entity(kind=kind, name="asha"), "count": 3,
        "cause": "unusual bytes", "first_seen": FIRST, "last_seen": LAST, "created_at": LAST, "score": 0.8,
        "percentile": 99.9, "explanation": ["bytes 9: much more.", "Failed logins 14: more."],
    }  # fmt: skip
    found = finding(Detection(**values | overrides), events or [])
    assert isinstance(orjson.loads(orjson.dumps(found)), dict)
    return found


@pytest.mark.parametrize("status", Detection.Status.values)
def test_it_has_what_the_class_requires(status: str) -> None:
    found = made(status=status)
    assert {name: type(found[name]) for name in REQUIRED} == REQUIRED
    assert (found["class_uid"], found["category_uid"]) == (2004, 2)
    assert found["type_uid"] == found["class_uid"] * 100 + found["activity_id"]
    assert found["severity_id"] in {0, 1, 2, 3, 4, 5, 6, 99}
    assert found["status_id"] in {0, 1, 2, 3, 4, 99}
    assert found["metadata"]["version"] == "1.3.0"
    assert {"name", "vendor_name", "version"} <= found["metadata"]["product"].keys()
    assert {"uid", "title"} <= found["finding_info"].keys()


def test_times_are_milliseconds() -> None:
    found = made()
    info = found["finding_info"]
    assert found["time"] == info["last_seen_time"] == 1_767_323_345_000
    assert info["first_seen_time"] == found["start_time"] == 1_767_323_045_000


@pytest.mark.parametrize(
    ("status", "activity_id", "status_id"), [("open", 1, 1), ("confirmed", 3, 4), ("dismissed", 3, 3)]
)
def test_states_are_told_in_its_numbers(status: str, activity_id: int, status_id: int) -> None:
    found = made(status=status)
    assert (found["activity_id"], found["status_id"]) == (activity_id, status_id)


@pytest.mark.parametrize(("percentile", "severity_id"), [(None, 3), (50.0, 2), (99.5, 3), (99.8, 4), (99.99, 5)])
def test_severity_goes_by_the_risk_band(percentile: float | None, severity_id: int) -> None:
    assert made(percentile=percentile)["severity_id"] == severity_id


def test_it_says_what_deviates_and_what_found_it() -> None:
    info = made()["finding_info"]
    assert info["desc"] == "bytes 9: much more. Failed logins 14: more."
    assert info["analytic"] == {
        "uid": "unusual bytes", "name": "unusual bytes", "type_id": 4, "type": "Learning (ML/DL)",
    }  # fmt: skip
    assert made(cause="rule: Brute force")["finding_info"]["analytic"]["type_id"] == 1
    assert made(explanation=[])["finding_info"]["desc"] == "3 events of asha: unusual bytes."


@pytest.mark.parametrize(
    ("kind", "type_id"), [("user.name", 4), ("source.ip", 2), ("host.name", 1), ("process.hash", 99)]
)
def test_the_entity_is_an_observable(kind: str, type_id: int) -> None:
    assert [one["type_id"] for one in made(kind)["observables"]] == [type_id]


def test_evidence_names_actor_and_end_points_where_an_event_has_them() -> None:
    fields = {"user.name": "asha", "source.ip": "192.0.2.7", "bytes": 9}
    told, bare = made(events=[{"pk": 1, "at": FIRST, "fields": fields}, {"pk": 2, "at": LAST, "fields": {}}])[
        "evidences"
    ]
    assert told["actor"] == {"user": {"name": "asha"}}
    assert told["src_endpoint"] == {"ip": "192.0.2.7"}
    assert told["data"]["fields"] == fields
    assert bare.keys() == {"data"}
