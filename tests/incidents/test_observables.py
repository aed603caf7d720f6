"""What is found in a text, and how long that takes at worst."""

import time

import pytest

from incidents.observables import LONGEST, MOST, find_observables

BITCOIN = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
SEGWIT = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
TAPROOT = "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"
ETHEREUM = "0x742d35cc6634c0532925a3b844bc454e4438f44e"
SHA256 = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"


def found(text: str) -> set[tuple[str, str]]:
    return {(str(kind), value) for kind, value in find_observables(text)}


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("it came from 203.0.113.7.", ("ip", "203.0.113.7")),
        ("it came from 203.0.113[.]7", ("ip", "203.0.113.7")),
        ("it came from 2001:db8::1", ("ip", "2001:db8::1")),
        ("the page bank-secure.example.com asked", ("domain", "bank-secure.example.com")),
        ("the page bank-secure [.] example [dot] com", ("domain", "bank-secure.example.com")),
        ("open hxxps://evil[.]example[.]com/a?b=c", ("url", "https://evil.example.com/a?b=c")),
        ("hxxp[:]//1.2.3[.]4/x.exe", ("url", "http://1.2.3.4/x.exe")),
        ("mail from joe [at] evil [dot] com", ("email", "joe@evil.com")),
        ("mail from joe@evil.com, twice", ("email", "joe@evil.com")),
        (f"its hash is {SHA256}.", ("hash", SHA256)),
        ("md5:44d88612fea8a8f36de82e1278abb02f", ("hash", "44d88612fea8a8f36de82e1278abb02f")),
        (f"pay to {BITCOIN}!", ("wallet", BITCOIN)),
        (f"pay to {SEGWIT.upper()}", ("wallet", SEGWIT)),
        (f"pay to {TAPROOT}", ("wallet", TAPROOT)),
        (f"pay to {ETHEREUM}", ("wallet", ETHEREUM)),
    ],
)
def test_it_is_found_as_it_is_and_defanged(text: str, one: tuple[str, str]) -> None:
    assert one in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "He said at 10:30 that 5.000 were gone, e.g. by J.Smith of the U.S.A.",
        "see README.md and setup.py",
        BITCOIN[:-1] + "b",  # a checksum that does not fit
        SEGWIT[:-1] + "p",
        "a word.Another sentence begins",
    ],
)
def test_what_only_looks_like_one_is_not_taken(text: str) -> None:
    assert found(text) == set()


def test_a_wallet_is_no_hash() -> None:
    assert found(f"pay to {ETHEREUM}") == {("wallet", ETHEREUM)}


def test_each_is_named_once_and_very_many_are_cut() -> None:
    assert len(find_observables("203.0.113.7 and 203.0.113[.]7")) == 1
    assert len(find_observables(" ".join(f"10.0.{n // 200}.{n % 200}" for n in range(1_000)))) == MOST


def test_none_is_longer_than_its_column() -> None:
    assert all(len(value) <= LONGEST for _, value in find_observables(f"http://a.example.com/{'x' * 2_000}"))


@pytest.mark.parametrize("sign", ["[", "(", "a.", "http://", "a@", "hxxp[:]//", "://", "::", "1", " ", "bc1"])
def test_20_000_signs_of_malice_take_seconds_at_most(sign: str) -> None:
    text = (sign * 20_000)[:20_000]
    started = time.perf_counter()
    find_observables(text)
    assert time.perf_counter() - started < 10
