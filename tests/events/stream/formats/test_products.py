"""Suricata, Zeek's JSON, ECS and OCSF: one JSON reader, their tables make the difference."""

import pytest

from events.stream.formats import FORMATS, UnknownFormat, open_reader
from tests.events.stream.formats.samples import readings_of


def test_suricatas_alert_and_dns_query():
    alert, query = readings_of("suricata")
    assert (alert.entity_kind, alert.entity) == ("source.ip", "203.0.113.9")
    assert alert.at == pytest.approx(1714550400.251547)
    assert alert.message == "ET SCAN Possible Nmap User-Agent Observed"
    assert alert.numbers == {
        "http.response.body.bytes": 310.0,
        "source.packets": 4.0,
        "destination.packets": 3.0,
        "source.bytes": 546.0,
        "destination.bytes": 720.0,
    }
    assert alert.categories == {
        "event.category": "alert",
        "destination.port": "80",
        "network.transport": "TCP",
        "event.action": "allowed",
        "rule.name": "ET SCAN Possible Nmap User-Agent Observed",
        "http.request.method": "OPTIONS",
        "http.response.status_code": "200",
        "network.protocol": "http",
    }
    assert alert.fields["rule.id"] == 2024364
    assert alert.fields["flow_id"] == 1805461738637437
    assert alert.given_id == ""
    assert (query.message, query.categories["dns.question.type"]) == ("example.org", "A")


def test_zeeks_connection_as_json():
    (connection,) = readings_of("zeek")
    assert (connection.entity_kind, connection.entity) == ("source.ip", "10.0.0.5")
    assert connection.at == pytest.approx(1714557600.123456)
    assert connection.numbers["duration"] == 2.5
    assert connection.numbers["destination.bytes"] == 53000.0
    assert connection.categories == {
        "destination.port": "443",
        "network.transport": "tcp",
        "network.protocol": "ssl",
        "conn_state": "SF",
    }
    assert connection.fields["history"] == "ShADadFf"
    assert connection.given_id == ""


def test_ecs_nested_and_dotted():
    nested, dotted = readings_of("ecs")
    assert (nested.entity_kind, nested.entity) == (dotted.entity_kind, dotted.entity) == ("user.name", "alice")
    assert (nested.given_id, dotted.given_id) == ("e-1", "e-2")
    assert nested.fields["event.category"] == ["authentication"]
    assert nested.categories == {
        "event.category": "authentication",
        "event.action": "user_login",
        "event.outcome": "failure",
    }
    assert nested.numbers == {"source.bytes": 300.0}
    assert nested.at == 1714557600.0


def test_ocsfs_authentication():
    (logon,) = readings_of("ocsf")
    assert (logon.entity_kind, logon.entity) == ("user.name", "alice")
    assert logon.at == pytest.approx(1714557600.123)
    assert logon.given_id == "oc-1"
    assert logon.numbers == {"destination.bytes": 10.0, "source.bytes": 20.0}
    assert logon.categories["event.category"] == "Authentication"
    assert logon.categories["event.outcome"] == "Failure"
    assert logon.fields["source.ip"] == "10.0.0.5"
    assert logon.message == "Logon failed"


def test_a_list_where_one_value_was_expected_is_noted_or_joined():
    reading = open_reader("ecs").read(
        b'{"event":{"category":["a","b"]},"source":{"bytes":[1],"ip":["10.0.0.1"]},"message":["x","y"]}'
    )
    assert reading.categories == {"event.category": "a,b"}
    assert reading.numbers == {}
    assert (reading.entity, reading.message) == ("10.0.0.1", "x y")
    assert reading.problems == ["source.bytes is a list"]


@pytest.mark.parametrize("name", FORMATS)
def test_the_samples_of_every_format_are_read_without_a_problem(name):
    readings = readings_of(name)
    assert readings
    assert all(reading.entity and reading.fields and not reading.problems for reading in readings)


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(UnknownFormat, match="Choose one of: json, csv, reference"):
        open_reader("leef")
