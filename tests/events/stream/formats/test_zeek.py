"""Zeek's tab-separated files."""

import pytest

from events.stream.event import BrokenLine
from events.stream.formats import open_reader
from tests.events.stream.formats.samples import lines_of, readings_of


def test_a_file_is_read_by_its_own_header():
    first, second = readings_of("zeek", "zeek_conn")
    assert (first.entity_kind, first.entity) == ("source.ip", "10.0.0.5")
    assert first.at == pytest.approx(1714557600.123456)
    assert first.numbers == {"duration": 2.5, "source.bytes": 1200.0, "destination.bytes": 53000.0}
    assert first.categories["event.category"] == "conn"
    assert first.categories["destination.port"] == "443"
    assert first.fields["local_orig"] is True
    assert first.fields["tunnel_parents"] == ["C1", "C2"]
    assert second.fields["tunnel_parents"] == []
    assert "network.protocol" not in second.fields
    assert first.problems == second.problems == []


def test_json_and_tabs_give_the_same_names():
    (as_json,) = readings_of("zeek")
    as_tabs, _ = readings_of("zeek", "zeek_conn")
    for name in ("source.ip", "destination.ip", "destination.port", "network.transport", "source.bytes"):
        assert as_json.fields[name] == as_tabs.fields[name]


def test_a_later_reader_goes_on_with_the_header_of_an_earlier_one():
    lines = lines_of("zeek_conn")
    earlier = open_reader("zeek")
    for line in lines[:8]:
        assert earlier.read(line) is None
    later = open_reader("zeek", header=earlier.header)
    assert later.read(lines[8]).fields["source.ip"] == "10.0.0.5"


def test_a_next_file_with_other_columns_has_its_own_header():
    reader = open_reader("zeek")
    for line in lines_of("zeek_conn"):
        reader.read(line)
    for line in (b"#separator |", b"#set_separator|;", b"#unset_field|?", b"#fields|ts|note|src|peers", b"#types|time|enum|addr|set[addr]"):  # fmt: skip  # noqa: E501
        assert reader.read(line) is None
    reading = reader.read(b"1714557600|Scan::Port_Scan|10.0.0.9|a;b")
    assert (reading.entity, reading.message, reading.fields["peers"]) == ("10.0.0.9", "Scan::Port_Scan", ["a", "b"])
    assert reader.read(b"?|x|10.0.0.9|?").at is None


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([b"1\t2\t3"], "send the file from its beginning"),
        ([b"#fields\ta\tb", b"1\t2\t3"], "3 values, and #fields names 2"),
        ([b"#fields" + b"\tx" * 600], "more than 500 fields"),
    ],
)
def test_a_broken_line_says_why(lines, words):
    reader = open_reader("zeek")
    for line in lines[:-1]:
        reader.read(line)
    with pytest.raises(BrokenLine, match=words):
        reader.read(lines[-1])


def test_a_value_that_is_not_of_its_type_is_kept_and_noted():
    reader = open_reader("zeek")
    for line in (b"#fields\torig_bytes\tlocal", b"#types\tcount\tbool"):
        reader.read(line)
    reading = reader.read(b"many\tmaybe")
    assert reading.fields == {"source.bytes": "many", "local": "maybe"}
    assert reading.problems == ["source.bytes is no number"]
    assert reader.read(b"nan\tT").problems == ["source.bytes is nan, which is no number"]


@pytest.mark.parametrize("line", [b"#separator", b"#separator \\xZZ", b"#separator \\x", b"#types\ta", b"#", b"#close"])
def test_odd_header_lines_do_no_harm(line):
    assert open_reader("zeek").read(line) is None
