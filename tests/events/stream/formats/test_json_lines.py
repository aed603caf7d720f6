"""JSON lines of no known product, and what is refused of JSON."""

import pytest

from events.stream.event import BrokenLine
from events.stream.formats import open_reader
from tests.events.stream.formats.samples import readings_of


def read(raw, **options):
    return open_reader("json", **options).read(raw)


def reason(raw):
    with pytest.raises(BrokenLine) as refused:
        read(raw)
    return str(refused.value)


def test_known_spellings_become_canonical_names_and_values_say_what_the_rest_is():
    first, second = readings_of("json")
    assert first.fields["source.ip"] == "10.0.0.5"
    assert (first.entity_kind, first.entity) == ("user.name", "alice")
    assert first.numbers == {"source.bytes": 512.0, "ok": 1.0}
    assert first.categories == {"event.action": "login"}
    assert first.message == "User alice logged in"
    assert first.at == 1714557600.0
    assert second.at == 1714557601.0
    assert first.problems == second.problems == []


def test_spellings_count_whatever_their_case():
    reading = read(b'{"UserName":"alice","SourceIp":"10.0.0.1"}')
    assert reading.fields == {"user.name": "alice", "source.ip": "10.0.0.1"}


def test_nested_and_dotted_names_are_the_same():
    assert read(b'{"source":{"ip":"10.0.0.1"}}').fields == read(b'{"source.ip":"10.0.0.1"}').fields


def test_unknown_fields_are_kept_under_their_own_flattened_names():
    reading = read(b'{"a":{"b":{"c":[1,{"d":2}]}},"Odd Name":"x"}')
    assert reading.fields == {"a.b.c": [1, {"d": 2}], "Odd Name": "x"}


def test_an_id_becomes_the_events_id_and_a_long_one_stays_unique():
    assert read(b'{"event_id":"a-7"}').given_id == "a-7"
    assert read(b'{"id":18446744073709551615}').given_id == "18446744073709551615"
    one, other = (read(b'{"id":"%s"}' % (b"x" * 900 + end)).given_id for end in (b"1", b"2"))
    assert one != other
    assert len(one) == len(other) == 200


def test_an_id_beyond_64_bits_is_none_since_two_could_become_one():
    reading = read(b'{"id":123456789012345678901234567890}')
    assert reading.given_id == ""
    assert reading.problems == ["event.id is no exact id"]


def test_ports_and_ids_are_no_numbers():
    reading = read(b'{"src_port":5000,"dst_port":443,"session_id":77,"pid":3,"customer_id":9}')
    assert reading.numbers == {}
    assert reading.categories == {"destination.port": "443"}


def test_long_texts_and_names_of_single_things_are_no_categories():
    reading = read(b'{"request_uuid":"x","colour":"red","prose":"%s"}' % (b"word " * 20))
    assert reading.categories == {"colour": "red"}


def test_at_most_64_numbers_and_8_categories_are_taken_and_all_fields_kept():
    fields = ",".join([f'"n{i}":{i}' for i in range(100)] + [f'"c{i}":"x"' for i in range(20)])
    reading = read(f"{{{fields}}}".encode())
    assert (len(reading.fields), len(reading.numbers), len(reading.categories)) == (120, 64, 8)


def test_a_number_field_that_holds_text_is_kept_noted_and_left_out_of_the_numbers():
    reader = open_reader("json")
    assert reader.read(b'{"delay":5}').numbers == {"delay": 5.0}
    changed = reader.read(b'{"delay":"soon","bytes_sent":"lots"}')
    assert changed.fields == {"delay": "soon", "source.bytes": "lots"}
    assert changed.numbers == {} and changed.categories == {}
    assert changed.problems == ["delay is no number", "source.bytes is no number"]
    assert reader.read(b'{"delay":7}').numbers == {"delay": 7.0}


def test_digits_in_quotes_are_a_number_where_one_is_expected():
    assert read(b'{"bytes_sent":"00512"}').numbers == {"source.bytes": 512.0}


def test_huge_numbers_stay_finite():
    reading = read(b'{"a":123456789012345678901234567890,"b":9223372036854775808,"bytes_sent":"1e999"}')
    assert reading.numbers == {"a": pytest.approx(1.2345e29, rel=1e-3), "b": 2.0**63}
    assert reading.problems == ["source.bytes is no number"]


def test_null_is_no_value():
    assert read(b'{"user":null,"username":"alice"}').entity == "alice"


def test_of_two_fields_of_one_name_the_first_keeps_it_and_the_second_stays_under_its_own():
    reading = read(b'{"user":"alice","username":"bob"}')
    assert reading.fields == {"user.name": "alice", "username": "bob"}


def test_the_same_name_twice_with_two_values_is_noted():
    assert read(b'{"a.b":1,"a":{"b":2}}').problems == ["a.b stands there twice"]


def test_a_second_time_counts_where_the_first_cannot_be_read():
    reading = read(b'{"time":"10:00","timestamp":"2024-05-01T10:00:00Z"}')
    assert (reading.at, reading.problems) == (1714557600.0, [])


def test_an_unreadable_time_is_noted():
    reading = read(b'{"time":"yesterday"}')
    assert (reading.at, reading.problems) == (None, ["@timestamp is no readable time"])


def test_the_entity_field_of_a_source_goes_before_the_formats_choice():
    by_source = read(b'{"user":"alice","shop":17}', entity_field="shop")
    assert (by_source.entity_kind, by_source.entity) == ("shop", "17")
    assert by_source.numbers == {}
    by_path = read(b'{"user":"alice","src_ip":"10.0.0.1"}', entity_field="src_ip")
    assert (by_path.entity_kind, by_path.entity) == ("source.ip", "10.0.0.1")
    assert read(b'{"user":"alice"}', entity_field="src_ip").entity == ""


@pytest.mark.parametrize(
    ("value", "name"),
    [(b"7", "7"), (b"7.0", "7"), (b"1e200", ""), (b"true", ""), (b'"-"', ""), (b'["a","b"]', "a"), (b"[]", "")],
)
def test_text_and_whole_numbers_name_an_entity(value, name):
    assert read(b'{"user":%s}' % value).entity == name


def test_long_entities_and_categories_are_bounded():
    reading = read(b'{"user":"%s","action":"%s"}' % (b"u" * 5000, b"a" * 5000))
    assert len(reading.entity) == 200
    assert len(reading.categories["event.action"]) == 300
    assert len(reading.fields["user.name"]) == 5000


def test_nul_is_taken_out_and_noted():
    reading = read(b'{"us\\u0000er":"a\\u0000b","list":[{"x":"\\u0000"}]}')
    assert reading.fields == {"user.name": "ab", "list": [{"x": ""}]}
    assert reading.problems == ["NUL characters were removed"]
    assert read(b'{"user":"a\0b"}').fields == {"user.name": "ab"}
    assert read(b'{"user":"a\\u00\x0000b"}').fields == {"user.name": "ab"}


def test_an_escaped_backslash_before_u0000_is_no_nul():
    reading = read(b'{"path":"C:\\\\u0000"}')
    assert (reading.fields, reading.problems) == ({"path": "C:\\u0000"}, [])


def test_a_byte_order_mark_is_ignored():
    assert read(b'\xef\xbb\xbf{"user":"a"}').entity == "a"


def test_bytes_that_are_no_utf8_are_replaced_and_noted():
    reading = read(b'{"user":"J\xfcrgen"}')
    assert (reading.entity, reading.problems) == ("J�rgen", ["bytes that are no UTF-8 were replaced"])


@pytest.mark.parametrize("blank", [b"", b"  ", b"\r", b"\xef\xbb\xbf", b"\0"])
def test_blank_lines_are_no_events(blank):
    assert read(blank) is None


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"user":"ali', "ends in the middle"),
        (b'{"n":NaN}', "NaN or Infinity at character 6"),
        (b'{"n":-Infinity}', "NaN or Infinity"),
        (b'{"n":1e999}', "infinity"),
        (b'{"n":"\\ud800"}', "surrogate"),
        (b"[1,2]", "an array"),
        (b'"text"', "a text"),
        (b"17", "a number"),
        (b"null", "null"),
        (b"hello there", "does not begin with a brace"),
        (b"{'user': 'a'}", "character 2"),
        (b'{"a":' * 25 + b"1" + b"}" * 25, "more than 20 deep"),
        (b'{"a":' + b"[" * 25 + b"]" * 25 + b"}", "more than 20 deep"),
        (b'{"a":' + b"[" * 25 + b'"\\u0000"' + b"]" * 25 + b"}", "more than 20 deep"),
        (b'{"a":' * 5000, "depth"),
        (b"{" + b",".join(b'"k%d":1' % i for i in range(501)) + b"}", "more than 500 fields"),
        (b'{"a":{' + b",".join(b'"k%d":{"x":1,"y":2}' % i for i in range(300)) + b"}}", "more than 500 fields"),
        (b'{"%s":1}' % (b"k" * 10_000), "name has 10,000 characters"),
        (b'{"a":"%s"}' % (b"x" * 10_000_000), "at most 1,000,000"),
    ],
)
def test_a_broken_line_says_why(raw, words):
    assert words in reason(raw)


def test_a_reason_does_not_quote_the_line():
    assert "secret" not in reason(b'{"password":"secret')


def test_ever_new_names_fill_no_memory():
    reader = open_reader("json", entity_field="shop")
    for number in range(10_000):
        assert reader.read(b'{"k%d":1,"shop":"a"}' % number).entity == "a"
    assert len(reader.assembler._targets) <= 4096
