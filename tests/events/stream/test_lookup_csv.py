"""CSV files as look-up tables: exact values, networks, and files that are none."""

from pathlib import Path

import pytest

from events.stream import lookup_csv
from events.stream.lookup_csv import CsvTable, index_of, open_csv
from events.stream.lookup_tables import BadTable


def table(folder: Path, content: str | bytes) -> CsvTable:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_csv(path, "intel", "source.ip")


def test_the_header_names_what_is_told(tmp_path: Path) -> None:
    found = table(tmp_path, "domain,list,note\nevil.example,botnet,seen in May\nother.example,spam,\n")
    assert found.lookup("evil.example") == {"list": "botnet", "note": "seen in May"}
    assert found.lookup("other.example") == {"list": "spam"}
    assert found.lookup("good.example") is None
    assert (found.index.rows, found.index.repeated) == (2, 0)


def test_values_are_found_whatever_their_case_and_spelling(tmp_path: Path) -> None:
    found = table(tmp_path, 'value,n\n" Evil.Example ",1\n2001:DB8:0:0::1,2\nABCDEF,3\n192.0.2.1,4\n')
    answers = [found.lookup(one) for one in ("EVIL.example", "2001:db8::1", "abcdef", "::ffff:192.0.2.1")]
    assert answers == [{"n": "1"}, {"n": "2"}, {"n": "3"}, {"n": "4"}]


def test_of_networks_around_an_address_the_smallest_counts(tmp_path: Path) -> None:
    rows = (
        "10.0.0.0/8,wide\n10.1.0.0/16,middle\n10.1.2.0/24,narrow\n10.1.2.3,itself\n0.0.0.0/0,all\n2001:db8::/32,six\n"
    )
    found = table(tmp_path, "network,n\n" + rows)
    asked = ["10.9.9.9", "10.1.9.9", "10.1.2.9", "10.1.2.3", "192.0.2.1", "2001:db8:1::5", "2001:dead::1", "10.1.2"]
    told = [(found.lookup(one) or {}).get("n") for one in asked]
    assert told == ["wide", "middle", "narrow", "itself", "all", "six", None, None]


def test_a_network_with_bits_behind_its_prefix_is_the_network(tmp_path: Path) -> None:
    assert table(tmp_path, "network,n\n10.1.2.3/24,x\n").lookup("10.1.2.200") == {"n": "x"}


def test_of_a_value_that_comes_again_the_last_one_counts(tmp_path: Path) -> None:
    found = table(tmp_path, "value,n\na,1\nb,2\nA,3\n10.0.0.0/8,4\n10.9.9.9/8,5\n")
    assert (found.lookup("a"), found.lookup("10.1.1.1")) == ({"n": "3"}, {"n": "5"})
    assert (found.index.rows, found.index.repeated) == (5, 2)


def test_a_list_of_values_alone_says_that_they_are_listed(tmp_path: Path) -> None:
    assert table(tmp_path, "hash\nabc\n").lookup("ABC") == {"listed": True}


def test_rows_may_span_lines_and_hold_quotes(tmp_path: Path) -> None:
    found = table(tmp_path, 'value,note\r\n\r\na,"two\r\nlines, ""quoted"""\r\n\r\nb,x\r\n')
    assert found.lookup("a") == {"note": 'two\r\nlines, "quoted"'}
    assert found.lookup("b") == {"note": "x"}


def test_nul_bytes_and_a_byte_order_mark_are_taken_out(tmp_path: Path) -> None:
    found = table(tmp_path, b"\xef\xbb\xbfva\0lue,note\n\0ev\0il,no\0te\n")
    assert found.index.columns == ("note",)
    assert found.lookup("evil") == {"note": "note"}


def test_a_long_cell_is_told_in_part(tmp_path: Path) -> None:
    found = table(tmp_path, f"value,note\na,{'x' * 5000}\n").lookup("a")
    assert found is not None
    assert len(found["note"]) == 300


def test_it_answers_after_its_file_was_removed(tmp_path: Path) -> None:
    found = table(tmp_path, "value,n\na,1\n")
    (tmp_path / "table.csv").unlink()
    assert found.lookup("a") == {"n": "1"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "The first row must name the columns"),
        ("\n\n", "The first row must name the columns"),
        ("value,note\n", "a header and no rows"),
        ("value,\na,b\n", "The first row must name the columns"),
        ("value,note,note\na,b,c\n", "each differently"),
        (",".join(f"c{n}" for n in range(41)) + "\n", "at most 40"),
        ("value;note\na;b\n", "not separated by commas"),
        ("value\tnote\na\tb\n", "not separated by commas"),
        ("192.0.2.1,botnet\n192.0.2.2,botnet\n", "holds data already"),
        ("10.0.0.0/8,botnet\n", "holds data already"),
        (f"{'ab' * 16},malware\n", "holds data already"),
        ("value,note\na,b\nc\n", "Row 3 has 1 cells and the header 2"),
        ('value,note\na,"never closed' + "\nx" * 60_000, "Is a quote left open?"),
        ("x" * 300_000, "more than 100,000 bytes"),
        ("value,note\ncafé,x\n".encode("latin-1"), "no UTF-8 text"),
        ("value,note\na,x\n".encode("utf-16"), "no UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "no UTF-8 text"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(BadTable, match=reason.replace("?", r"\?")):
        table(tmp_path, content)


def test_there_is_a_most_of_rows_and_of_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_csv, "MOST_ROWS", 2)
    with pytest.raises(BadTable, match="more than 2 rows"):
        table(tmp_path, "value\na\nb\nc\n")
    monkeypatch.setattr(lookup_csv, "MOST_BYTES", 10)
    with pytest.raises(BadTable, match="more than 10 bytes"):
        table(tmp_path, "value\na\nb\nc\n")


def test_keys_of_one_digest_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_csv, "digest", lambda key: 7)
    found = table(tmp_path, "value,n\na,1\n")
    assert (found.lookup("a"), found.lookup("b")) == ({"n": "1"}, None)


def with_index(folder: Path, content: str) -> Path:
    found, path = table(folder, content), folder / "table.csv"
    with index_of(path).open("wb") as stream:
        found.index.save(stream, path.stat().st_size)
    return path


@pytest.mark.parametrize("content", ["network,n\n10.0.0.0/8,x\n2001:db8::/32,y\n10.0.0.0/8,z\n", "hash\nabc\n"])
def test_a_table_with_an_index_is_not_read_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    path, asked = with_index(tmp_path, content), ["10.1.2.3", "2001:db8::5", "192.0.2.1", "abc"]
    expected = [table(tmp_path, content).lookup(one) for one in asked]
    monkeypatch.setattr(lookup_csv, "_indexed", lambda stream: pytest.fail("it was read through"))
    found = open_csv(path, "intel", "source.ip")
    assert [found.lookup(one) for one in asked] == expected
    assert (found.index.rows, found.index.repeated) in {(3, 1), (1, 0)}


@pytest.mark.parametrize("spoilt", [b"", b"PK\x03\x04 no index", None])
def test_an_index_that_is_spoilt_or_of_another_file_is_made_anew(tmp_path: Path, spoilt: bytes | None) -> None:
    path = with_index(tmp_path, "value,n\na,1\n")
    if spoilt is None:
        path.write_text("value,other\nlonger,2\n")
    else:
        index_of(path).write_bytes(spoilt)
    found = open_csv(path, "intel", "source.ip")
    assert (found.lookup("a"), found.lookup("longer")) == (
        (None, {"other": "2"}) if spoilt is None else ({"n": "1"}, None)
    )


def test_no_damage_to_an_index_gives_a_wrong_answer(tmp_path: Path) -> None:
    path = with_index(tmp_path, "value,n\na,1\nb,2\n")
    sound = index_of(path).read_bytes()
    for place in range(0, len(sound), 7):
        index_of(path).write_bytes(sound[:place] + bytes([sound[place] ^ 0xFF]) + sound[place + 1 :])
        assert open_csv(path, "intel", "source.ip").lookup("b") == {"n": "2"}
