"""MaxMind databases as look-up tables, sound and damaged."""

from pathlib import Path

import pytest

from events.stream.lookup_tables import BadTable, MmdbTable, is_mmdb
from tests.events.stream.mmdb import MARKER, endless, mmdb

GEO = {"192.0.2.0/24": {"country": {"iso_code": "NG"}}, "198.51.100.0/25": "anonymous"}


def opened(folder: Path, content: bytes) -> MmdbTable:
    path = folder / "geo.mmdb"
    path.write_bytes(content)
    return MmdbTable(path, "geo", "source.ip")


def test_addresses_are_found_in_their_network(tmp_path: Path) -> None:
    table = opened(tmp_path, mmdb(GEO))
    assert table.lookup("192.0.2.77") == {"country": {"iso_code": "NG"}}
    assert table.lookup("::ffff:192.0.2.77") == {"country": {"iso_code": "NG"}}
    assert table.lookup("198.51.100.1") == {"value": "anonymous"}
    assert table.lookup("203.0.113.1") is None


def test_what_it_cannot_hold_is_unknown_and_no_failure(tmp_path: Path) -> None:
    table = opened(tmp_path, mmdb(GEO))
    assert [table.lookup(one) for one in ("2001:db8::1", "evil.example", "", "192.0.2")] == [None] * 4
    assert opened(tmp_path, mmdb({"2001:db8::/32": {"a": "b"}}, ip_version=6)).lookup("2001:db8::1") == {"a": "b"}


def test_its_marker_tells_it_from_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content, expected in [
        (mmdb(GEO), True),
        (b"value\na\n", False),
        (b"", False),
        (MARKER + bytes(200_000), False),
    ]:
        path.write_bytes(content)
        assert is_mmdb(path) is expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no database at all",
        MARKER,
        MARKER + b"\xff" * 200,
        mmdb(GEO)[200:],
        mmdb(GEO).replace(b"node_count", b"node_knout"),
    ],
)
def test_what_is_damaged_is_refused_with_advice(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadTable, match="Fetch it again"):
        opened(tmp_path, content)


@pytest.mark.parametrize("ip_version", [4, 6])
def test_a_tree_without_end_holds_up_nothing(tmp_path: Path, ip_version: int) -> None:
    assert opened(tmp_path, endless(ip_version)).lookup("192.0.2.77") is None


def test_damage_behind_the_first_network_is_noticed_too(tmp_path: Path) -> None:
    sound = mmdb({f"10.{n}.0.0/16": {"n": f"{n:03}"} for n in range(200)})
    with pytest.raises(BadTable, match="Fetch it again"):
        opened(tmp_path, sound.replace(b"\x43150", b"\xff\xff\xff\xff"))


def test_damage_never_gives_anything_but_an_error_or_an_answer(tmp_path: Path) -> None:
    sound = mmdb(GEO)
    for place in range(0, len(sound), 3):
        broken = bytearray(sound)
        broken[place] ^= 0xFF
        try:
            opened(tmp_path, bytes(broken)).lookup("192.0.2.77")
        except Exception as error:
            assert not isinstance(error, MemoryError | SystemError)
