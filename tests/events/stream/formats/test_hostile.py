"""Lines made to break or stop a reader: only BrokenLine comes out, quickly, and what is read can be stored."""

import json
import math
import time

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.stream.event import BrokenLine
from events.stream.formats import FORMATS, UnknownFormat, detect_format, open_reader
from events.stream.lines import MAX_LINE
from tests.events.stream.formats.samples import ALL

SIZE = MAX_LINE - 200
BEGINNINGS = {
    "json": [b"{", b'{"a":"', b'{"a":['],
    "csv": [b"", b'"'],
    "reference": [b"1,2,3,4,5,6,"],
    "zeek": [b"", b"#fields\t", b"#separator "],
    "syslog": [
        b"<13>1 2024-05-01T10:00:00Z h p 1 - ", b'<13>1 2024-05-01T10:00:00Z h p 1 - [a b="', b"May  1 10:00:00 ",
        b"May  1 10:00:00 h sshd[1]: Failed password for ",
    ],
    "cef": [b"CEF:0|a|", b"CEF:0|a|b|c|d|e|5|msg="],
}  # fmt: skip
FILLERS = [
    b"a", b" ", b"\\", b"|", b'"', b"[", b" a=", b"\\|", b" from ", b"[a", b'[a b="c"]', b'a="b" ',
    b" from 1 port 1 ssh2", b",", b"\t", b":", b"1", b"\0", b"\xff", b"\\u0000", b'""', b'{"a":', b"1,", b'"a",', b"\r",
]  # fmt: skip


def is_storable(value):
    """Text without NUL and lone surrogates, finite numbers, and nothing that JSON has no form for."""
    if isinstance(value, dict):
        return all(is_storable(name) and is_storable(member) for name, member in value.items())
    if isinstance(value, list):
        return all(map(is_storable, value))
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    return value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value))


def assert_sound(reading):
    assert is_storable(reading.fields)
    assert json.loads(orjson.dumps(reading.fields)) == json.loads(json.dumps(reading.fields, allow_nan=False))
    assert all(type(value) is float and math.isfinite(value) for value in reading.numbers.values())
    assert all(type(value) is str and value and len(value) <= 300 for value in reading.categories.values())
    assert {*reading.numbers, *reading.categories} <= {*reading.fields}
    assert is_storable([*reading.categories.values(), reading.entity, reading.message, reading.given_id])
    assert is_storable(reading.problems)
    assert len(reading.numbers) <= 64 and len(reading.categories) <= 8 and len(reading.fields) <= 500
    assert len(reading.entity) <= 200 and len(reading.given_id) <= 200 and len(reading.problems) <= 5
    assert bool(reading.entity) == bool(reading.entity_kind)
    assert reading.at is None or math.isfinite(reading.at)


def read_all(name, lines):
    reader = open_reader(name, entity_field="user.name")
    for raw in lines:
        try:
            reading = reader.read(raw)
        except BrokenLine as refused:
            assert 0 < len(str(refused)) <= 300
        else:
            if reading is not None:
                assert_sound(reading)
    open_reader(name, header=reader.header)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None)
@given(lines=st.lists(st.binary(max_size=300), max_size=4))
def test_arbitrary_bytes_are_read_or_refused(name, lines):
    read_all(name, lines)


NAMES = st.text(max_size=8) | st.sampled_from(
    ["user", "user.name", "time", "ts", "id", "msg", "src_ip", "bytes_sent", "winlog", "event_data", "Event", "System",
     "Image", "Hashes", "event", "source", "bytes", "category", "\0", "a.b"],
)  # fmt: skip
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True)
    | st.text(max_size=20)
    | st.sampled_from(["2024-05-01", "1e999", "nan", "-", "\0", "\ud800", "5"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@pytest.mark.parametrize("name", ["json", "suricata", "zeek", "sysmon", "ecs", "ocsf"])
@settings(max_examples=25, deadline=None)
@given(records=st.lists(st.dictionaries(NAMES, JSON, max_size=8), max_size=3))
def test_arbitrary_objects_are_read_or_refused(name, records):
    read_all(name, [json.dumps(record).encode() for record in records])


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_damaged_samples_are_read_or_refused(name, data):
    raw = bytearray(data.draw(st.sampled_from(ALL[name])))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=4))
        raw = raw or bytearray(b"x")
    read_all(name, [ALL[name][0], bytes(raw)])


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(st.binary(max_size=100) | st.sampled_from([line for some in ALL.values() for line in some])))
def test_detection_names_a_format_or_says_what_to_do(lines):
    try:
        assert detect_format(lines) in FORMATS
    except UnknownFormat as refused:
        assert str(refused).endswith((".", "does."))


@pytest.mark.parametrize("name", BEGINNINGS)
def test_no_line_of_a_megabyte_takes_a_second(name):
    for beginning in BEGINNINGS[name]:
        for filler in FILLERS:
            raw = (beginning + filler * (SIZE // len(filler)))[:SIZE]
            began = time.process_time()
            read_one(name, raw)
            assert time.process_time() - began < 1.0, (beginning, filler)


def test_no_format_of_such_lines_takes_a_second_to_tell():
    for beginning in {some for beginnings in BEGINNINGS.values() for some in beginnings}:
        raw = (beginning + b'[a b="c"] a=' * SIZE)[:SIZE]
        began = time.process_time()
        read_detect(raw)
        assert time.process_time() - began < 1.0, beginning


def read_one(name, raw):
    reader = open_reader(name, header="a,b,c" if name == "csv" else "")
    try:
        reading = reader.read(raw)
    except BrokenLine:
        return
    assert reading is None or len(reading.fields) <= 500


def read_detect(raw):
    try:
        detect_format([raw] * 20)
    except UnknownFormat:
        return


@pytest.mark.parametrize("name", FORMATS)
def test_ten_megabytes_are_refused_at_once(name):
    raw = ALL[name][0] + b" " * 10_000_000
    began = time.process_time()
    with pytest.raises(BrokenLine, match=r"at most 1,000,000 are taken"):
        open_reader(name).read(raw)
    assert time.process_time() - began < 0.5
