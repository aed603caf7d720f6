"""CSV with a header, and the reference's seven columns."""

import pytest

from events.stream.event import BrokenLine
from events.stream.formats import open_reader
from tests.events.stream.formats.samples import lines_of, readings_of


def reader_of(header):
    reader = open_reader("csv")
    assert reader.read(header) is None
    return reader


def reason(reader, raw):
    with pytest.raises(BrokenLine) as refused:
        reader.read(raw)
    return str(refused.value)


def test_the_header_names_the_fields():
    first, second = readings_of("csv")
    assert first.fields == {
        "@timestamp": "2024-05-01T10:00:00Z",
        "user.name": "alice",
        "source.ip": "10.0.0.5",
        "destination.port": "443",
        "duration": 1.5,
        "message": 'Hello, she said "hi"',
    }
    assert first.numbers == {"duration": 1.5}
    assert first.categories == {"destination.port": "443"}
    assert (second.entity, second.at) == ("bob", 1714557601.0)


def test_a_reader_goes_on_with_the_header_of_an_earlier_one():
    header, first, _ = lines_of("csv")
    earlier = open_reader("csv")
    earlier.read(header)
    later = open_reader("csv", header=earlier.header)
    assert later.read(first).fields["user.name"] == "alice"
    assert later.read(header) is None


@pytest.mark.parametrize("delimiter", [b";", b"\t", b"|"])
def test_other_delimiters_are_told_from_the_header(delimiter):
    reader = reader_of(delimiter.join([b"user", b"size"]))
    assert reader.read(delimiter.join([b"alice", b"7"])).numbers == {"size": 7.0}


def test_cells_are_numbers_truth_values_or_text():
    reader = reader_of(b"a,b,c,d,e,f")
    reading = reader.read(b"-5, .25 ,True,007,1e3,10.0.0.1")
    assert reading.fields == {"a": -5, "b": 0.25, "c": True, "d": "007", "e": 1000.0, "f": "10.0.0.1"}
    assert reading.numbers == {"a": -5.0, "b": 0.25, "c": 1.0, "e": 1000.0}


def test_an_empty_cell_is_no_value():
    assert reader_of(b"user,size").read(b"alice,").fields == {"user.name": "alice"}


@pytest.mark.parametrize("cell", [b"NaN", b"inf", b"-Infinity", b"1e999"])
def test_what_is_no_finite_number_is_kept_as_text_and_noted(cell):
    reading = reader_of(b"user,size").read(b"alice," + cell)
    assert reading.numbers == {} and reading.categories == {}
    assert isinstance(reading.fields["size"], str)
    assert "which is no number" in reading.problems[0]


def test_digits_beyond_64_bits_stay_text():
    assert reader_of(b"user,size").read(b"a," + b"9" * 400).fields["size"] == "9" * 400


def test_a_column_that_changes_type_is_noted():
    reader = reader_of(b"user,size")
    reader.read(b"a,7")
    assert reader.read(b"a,seven").problems == ["size is no number"]


def test_columns_without_a_name_or_of_one_name_stay_apart():
    assert reader_of(b",a,a").read(b"1,2,3").fields == {"column_1": 1, "a": 2, "a_3": 3}


def test_a_columns_plain_id_is_a_row_number():
    assert reader_of(b"id,event_id").read(b"1,e-1").given_id == "e-1"
    assert reader_of(b"id,user").read(b"1,a").given_id == ""


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"a,b,c", "3 cells, and the header names 2"),
        (b"a", "1 cells"),
        (b'"a,1', "line breaks inside cells are not taken"),
        (b'"a"b,1', "double the quotes"),
        (b'"' + b"x" * 200_000 + b'",1', "more than 131,072 characters"),
    ],
)
def test_a_broken_line_says_why(raw, words):
    assert words in reason(reader_of(b"user,size"), raw)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b"0,tcp,http", "the first line must name the columns"),
        (b",".join(b"c%da" % i for i in range(600)), "600 columns"),
        (b"a," + b"k" * 10_000, "column 2 has 10,000"),
    ],
)
def test_a_header_that_cannot_be_one_is_refused_and_the_next_line_tried(header, words):
    reader = open_reader("csv")
    assert words in reason(reader, header)
    assert reader.header == ""
    assert reader.read(b"user,size") is None
    assert reader.read(b"a,1").entity == "a"


def test_nul_and_other_bytes_are_put_right():
    reading = reader_of(b"\xef\xbb\xbfuser,size").read(b"J\xfc\0rgen,1\r")
    assert reading.entity == "J�rgen"
    assert reading.problems == ["NUL characters were removed", "bytes that are no UTF-8 were replaced"]


def test_the_references_columns_are_a_profile_of_their_own():
    first, second = readings_of("reference")
    assert (first.entity_kind, first.entity) == ("user.id", "1")
    assert first.numbers == {
        "login_attempts": 5.0,
        "failed_login_attempts": 1.0,
        "session_duration": 30.0,
        "data_transferred": 100.0,
        "access_sensitive_files": 0.0,
    }
    assert first.message == "User logged in and accessed files."
    assert (first.at, first.given_id, first.categories, first.problems) == (None, "", {}, [])
    assert second.numbers["session_duration"] == 60.5
    assert second.message == "User attempted to login, multiple times."


def test_the_references_lines_need_no_header():
    reader = open_reader("reference")
    assert reader.read(b"7,5,1,30,100,0,text").entity == "7"
    assert reader.header.startswith("user_id,")


def test_the_references_columns_may_come_in_another_order_and_among_others():
    reader = open_reader("reference")
    header = (
        b"log_text,user_id,anomaly,login_attempts,failed_login_attempts,session_duration,data_transferred,"
        b"access_sensitive_files"
    )
    assert reader.read(header) is None
    reading = reader.read(b"hello,7,-1,1,2,3,4,5")
    assert (reading.message, reading.entity, reading.fields["anomaly"]) == ("hello", "7", "-1")
    assert reading.numbers["access_sensitive_files"] == 5.0


def test_a_missing_number_of_the_reference_is_missing_and_a_wrong_one_noted():
    reading = open_reader("reference").read(b"7,,nan,many,100,0,text")
    assert reading.numbers == {"data_transferred": 100.0, "access_sensitive_files": 0.0}
    assert reading.problems == [
        "failed_login_attempts is nan, which is no number",
        "session_duration is no number",
    ]
