"""Which format first lines have."""

import pytest

from events.stream.formats import FORMATS, UnknownFormat, detect_format
from tests.events.stream.formats.samples import ALL, lines_of


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_told_from_its_sample(name):
    assert detect_format(ALL[name]) == name


@pytest.mark.parametrize("name", ["json", "suricata", "zeek", "sysmon", "ecs", "ocsf", "syslog", "cef"])
def test_one_line_is_enough_where_no_header_is_needed(name):
    assert {detect_format([line]) for line in ALL[name]} == {name}


def test_zeeks_tab_separated_files():
    assert detect_format(lines_of("zeek_conn")) == "zeek"


def test_a_broken_first_line_and_blank_ones_do_not_mislead():
    assert detect_format([b"", b'{"timestamp":"2024', *ALL["suricata"]]) == "suricata"
    assert detect_format([b"rotated", *ALL["syslog"]]) == "syslog"


def test_a_marked_csv_and_other_delimiters():
    assert detect_format([b"\xef\xbb\xbfa;b;c", b"1;2;3"]) == "csv"
    assert detect_format([b"a,b"]) == "csv"


def test_a_plain_timestamp_makes_no_ecs_and_an_event_type_no_suricata():
    assert detect_format([b'{"@timestamp":"2024-05-01T10:00:00Z","host":"a","size":3}']) == "json"
    assert detect_format([b'{"timestamp":1,"event_type":"order"}']) == "json"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "no line"),
        ([b" ", b""], "no line"),
        ([b"{", b'  "a": 1', b"}"], "jq -c"),
        ([b"[", b"{", b"}"], "jq -c"),
        ([b"hello world", b"how are you"], "Name the format: json, csv"),
        ([b"0,tcp,http,SF,181", b"0,udp,dns,SF,44"], "CSV needs its header line"),
        ([b"Dear all, as you know, this is prose and no header", b"bye"], "cannot be told"),
        ([b"\xff\xfe\x00\x01"], "cannot be told"),
    ],
)
def test_what_is_no_format_is_refused_with_what_to_do(lines, words):
    with pytest.raises(UnknownFormat, match=words):
        detect_format(lines)
