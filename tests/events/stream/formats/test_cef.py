"""CEF: escapes, blanks in values, a syslog header before it."""

import pytest

from events.stream.event import BrokenLine
from events.stream.formats import open_reader
from events.stream.formats.cef import cef_fields, extension_of
from tests.events.stream.formats.samples import readings_of


def test_header_and_extension():
    worm, _ = readings_of("cef")
    assert (worm.entity_kind, worm.entity) == ("user.name", "alice")
    assert worm.message == "Worm found in C:\\temp with a=b and more words"
    assert worm.fields["cs1"] == "Default Deny"
    assert worm.at == pytest.approx(1714557600.123)
    assert worm.numbers == {"destination.bytes": 1200.0, "source.bytes": 30.0}
    assert worm.fields["source.bytes"] == 30
    assert worm.categories == {
        "event.code": "100",
        "rule.name": "worm successfully stopped",
        "event.severity": "10",
        "destination.port": "80",
        "event.action": "blocked",
    }


def test_behind_a_syslog_header_its_time_and_host_count():
    _, drop = readings_of("cef")
    assert drop.fields["observer.vendor"] == "Vendor|Inc"
    assert drop.fields["host.name"] == "fw01"
    assert drop.fields["@timestamp"] == "Feb 14 19:04:54"
    assert drop.at is not None
    assert drop.message == "drop"
    assert (drop.entity_kind, drop.entity) == ("source.ip", "10.0.0.2")


def test_words_before_it_that_are_no_syslog_say_nothing():
    assert open_reader("cef").read(b"forwarded by x CEF:0|a|b|c|d|e|5|src=10.0.0.1").entity == "10.0.0.1"


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("a=1 b=2", {"a": "1", "b": "2"}),
        ("msg=two words  act=x", {"msg": "two words", "act": "x"}),
        (r"msg=a\=b c\\d act=x", {"msg": r"a=b c\d", "act": "x"}),
        (r"msg=line\nnext", {"msg": "line\nnext"}),
        ("request=http://x/?q=1&r=2 act=x", {"request": "http://x/?q=1&r=2", "act": "x"}),
        ("a= b=2", {"a": "", "b": "2"}),
        ("no pairs at all", {}),
        ("", {}),
    ],
)
def test_values_hold_blanks_and_escaped_signs(text, pairs):
    assert extension_of(text) == pairs


def test_a_backslash_before_a_pipe_is_part_of_the_name_and_two_are_one_backslash():
    fields = cef_fields(r"0|a\|b|c\\|1|7|n|5|x=1")
    assert (fields["observer.vendor"], fields["observer.product"], fields["x"]) == ("a|b", "c\\", "1")


def test_no_extension_is_fine():
    assert cef_fields("0|a|b|1|7|n|5")["event.severity"] == "5"


@pytest.mark.parametrize(
    ("raw", "words"),
    [(b"CEF:0|a|b", "seven|7 parts"), (b"hello", "no CEF line"), (b"x" * 2000 + b"CEF:0|a|b|c|d|e|5|", "no CEF line")],
)
def test_a_broken_line_says_why(raw, words):
    with pytest.raises(BrokenLine, match=words):
        open_reader("cef").read(raw)


def test_dates_as_cef_spells_them():
    line = b"CEF:0|a|b|c|d|e|5|rt=May 01 2024 10:00:00.500 UTC src=10.0.0.1"
    assert open_reader("cef").read(line).at == 1714557600.5
