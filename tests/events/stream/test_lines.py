"""Cutting bytes into lines: places, ends, and lines that are too long."""

import io

from hypothesis import given
from hypothesis import strategies as st

from events.stream.lines import MAX_LINE, lines_of


def cut(content, **options):
    return list(lines_of(io.BytesIO(content), "file", **options))


def test_lines_come_without_their_ends_and_know_their_bytes():
    lines = cut(b"one\r\ntwo\n\nfour")
    assert [line.raw for line, _ in lines] == [b"one", b"two", b"", b"four"]
    assert [line.offset for line, _ in lines] == [0, 5, 9, 10]
    assert lines[-1][1] == 14


def test_a_line_that_is_still_being_written_waits():
    lines = cut(b"one\ntw", whole_only=True)
    assert [line.raw for line, _ in lines] == [b"one"]
    assert lines[-1][1] == 4


def test_reading_goes_on_where_it_stopped():
    content = b"one\ntwo\nthree\n"
    ((first, position), *_) = cut(content)
    rest = cut(content[position:], start=position)
    assert [line.offset for line, _ in rest] == [4, 8]
    assert first.raw == b"one"


def test_a_line_of_ten_megabytes_keeps_its_beginning_and_says_what_it_had():
    lines = cut(b"a\n" + b"x" * 10_000_000 + b"\nb\n")
    assert [len(line.raw) + line.left_out for line, _ in lines] == [1, 10_000_000, 1]
    assert len(lines[1][0].raw) == MAX_LINE
    assert lines[2][0].offset == 10_000_003
    assert [position for _, position in lines] == [2, 10_000_003, 10_000_005]


@given(st.binary(max_size=2000))
def test_nothing_is_lost_whatever_the_bytes(content):
    joined = b"\n".join(line.raw for line, _ in cut(content.replace(b"\r", b"")))
    assert joined == content.replace(b"\r", b"").removesuffix(b"\n")
