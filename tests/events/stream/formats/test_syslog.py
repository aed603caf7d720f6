"""RFC 5424, RFC 3164 and rsyslog's files."""

from datetime import UTC, datetime

import pytest

from events.stream.event import BrokenLine
from events.stream.formats import open_reader
from events.stream.formats.syslog import SyslogReader
from events.stream.formats.tables import load_table
from tests.events.stream.formats.samples import readings_of


def moment(*parts):
    return datetime(*parts, tzinfo=UTC).timestamp()


NOON = moment(2024, 5, 1, 12)


def read(raw, now=NOON):
    return SyslogReader(load_table("syslog"), clock=lambda: now).read(raw)


def test_rfc_5424_with_structured_data():
    reading = readings_of("syslog")[0]
    assert reading.fields == {
        "log.syslog.facility.code": 20,
        "log.syslog.severity.code": 5,
        "log.level": "notice",
        "@timestamp": "2003-10-11T22:14:15.003Z",
        "host.name": "mymachine.example.com",
        "process.name": "evntslog",
        "event.code": "ID47",
        "log.syslog.structured_data.exampleSDID@32473.iut": "3",
        "log.syslog.structured_data.exampleSDID@32473.eventSource": 'Appli"cation',
        "log.syslog.structured_data.exampleSDID@32473.eventID": "1011",
        "log.syslog.structured_data.examplePriority@32473.class": "high",
        "message": "An application event log entry...",
    }
    assert reading.at == pytest.approx(moment(2003, 10, 11, 22, 14, 15) + 0.003)
    assert (reading.entity_kind, reading.entity) == ("host.name", "mymachine.example.com")


def test_rfc_5424_with_nothing_but_dashes():
    reading = read(b"<0>1 - - - - - -")
    assert (reading.at, reading.message, reading.fields["log.level"]) == (None, "", "emergency")
    assert reading.problems == []


@pytest.mark.parametrize("data", [b'[a b="c', b'[a b="c"', b"[a b=c]", b'[a b="c"]x', b"[", b"nothing", b'[a b="c\\"]'])
def test_broken_structured_data_is_noted_and_kept_as_message(data):
    reading = read(b"<13>1 2024-05-01T10:00:00Z h p 1 - " + data)
    assert reading.problems == ["its structured data cannot be read"]
    assert reading.message


def test_rfc_3164():
    reading = read(b"<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8")
    assert reading.fields["host.name"] == "mymachine"
    assert reading.categories["process.name"] == "su"
    assert reading.categories["log.level"] == "critical"
    assert reading.message == "'su root' failed for lonvick on /dev/pts/8"
    assert reading.at == moment(2023, 10, 11, 22, 14, 15)


@pytest.mark.parametrize(
    ("now", "line", "expected"),
    [
        (NOON, b"May  1 10:00:00 h p: x", moment(2024, 5, 1, 10)),
        (NOON, b"May  3 10:00:00 h p: x", moment(2023, 5, 3, 10)),
        (moment(2024, 1, 1, 0, 5), b"Dec 31 23:59:00 h p: x", moment(2023, 12, 31, 23, 59)),
        # A sender in the zone that is farthest east has the new year already.
        (moment(2023, 12, 31, 23, 59), b"Jan  1 13:00:00 h p: x", moment(2024, 1, 1, 13)),
        (moment(2026, 5, 1), b"Feb 29 10:00:00 h p: x", moment(2024, 2, 29, 10)),
        (moment(2024, 5, 1), b"Mar  3 2019 10:00:00 h p: x", moment(2019, 3, 3, 10)),
        (NOON, b"2024-05-01T10:00:00.5+02:00 h p: x", moment(2024, 5, 1, 8) + 0.5),
    ],
)
def test_the_year_is_the_latest_that_is_not_in_the_future(now, line, expected):
    reading = read(line, now)
    assert reading.at == pytest.approx(expected)
    assert (reading.fields["host.name"], reading.categories["process.name"], reading.message) == ("h", "p", "x")


@pytest.mark.parametrize("stamp", [b"Feb 30 10:00:00", b"May  1 25:00:00", b"May  1 10:xx:00", b"2024-13-01T10:00:00Z"])
def test_an_unreadable_time_is_noted(stamp):
    reading = read(stamp + b" h p: x")
    assert (reading.at, reading.problems, reading.message) == (None, ["@timestamp is no readable time"], "x")


@pytest.mark.parametrize(
    ("rest", "program", "pid", "message"),
    [
        (b"su(pam_unix)[42]: session opened", "su(pam_unix)", "42", "session opened"),
        (b"postfix/smtpd[7]: connect from x", "postfix/smtpd", "7", "connect from x"),
        (b"last message repeated 2 times", None, None, "last message repeated 2 times"),
        (b"kernel: [1.0] usb: new device", "kernel", None, "[1.0] usb: new device"),
        (b"a word: another", None, None, "a word: another"),
    ],
)
def test_the_program_stands_before_the_message(rest, program, pid, message):
    reading = read(b"May  1 10:00:00 host " + rest)
    assert reading.fields.get("process.name") == program
    assert reading.fields.get("process.pid") == pid
    assert (reading.message, reading.fields["host.name"]) == (message, "host")


def test_a_priority_alone_is_enough():
    reading = read(b"<13>something happened")
    assert (reading.message, reading.at) == ("something happened", None)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"just words", "neither a priority"),
        (b"<999>x", "no number from 0 to 191"),
        (b"<x>x", "no number from 0 to 191"),
        (b"<13", "no number from 0 to 191"),
        (b"<13>1 2024-05-01T10:00:00Z host", "six parts"),
    ],
)
def test_a_broken_line_says_why(raw, words):
    with pytest.raises(BrokenLine, match=words):
        read(raw)


def test_blank_lines_are_no_events():
    assert read(b" \r") is None


def test_sshds_messages_name_who_and_from_where():
    reading = readings_of("syslog")[2]
    assert (reading.entity_kind, reading.entity) == ("source.ip", "173.234.31.186")
    assert reading.fields["user.name"] == "webmaster"
    assert reading.fields["source.port"] == "38926"
    assert reading.categories == {
        "process.name": "sshd",
        "event.action": "ssh_login",
        "event.outcome": "failure",
        "event.category": "authentication",
    }


def test_other_programs_may_say_the_same_and_are_not_believed():
    reading = read(b"May  1 10:00:00 h app: Failed password for root from 1.2.3.4 port 5 ssh2")
    assert "source.ip" not in reading.fields
    assert open_reader("syslog").header == ""
