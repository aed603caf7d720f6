"""Which values are found in a text, and which numbers that look like them are not."""

import doctest
import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.ml.personal import Finding, Kind, beginning, checks, find, mask

FOUND = {
    "write to asha.k+bank@mail.example.co.uk now": "write to [EMAIL] now",
    "mailto:asha@mail.example?subject=hi": "mailto:[EMAIL]?subject=hi",
    "asha[at]mail[.]example wrote": "[EMAIL] wrote",
    "asha[.]rao[@]mail[dot]example wrote": "[EMAIL] wrote",
    "asha (at) mail (dot) example wrote": "[EMAIL] wrote",
    "I paid asha.k@okhdfcbank": "I paid [UPI]",
    "his UPI id is boss725@anything": "his UPI id is [UPI]",
    "from 203.0.113.7:8080 and 203.0.113[.]9.": "from [IP]:8080 and [IP].",
    "hxxp://203.0.113.7/login": "hxxp://[IP]/login",
    "over 2001:db8::17 today": "over [IP] today",
    "2001[:]db8[:]0[:]0[:]0[:]0[:]0[:]1 it was": "[IP] it was",
    "card 4111 1111 1111 1111, then 4111-1111-1111-1111": "card [CARD], then [CARD]",
    "amex 378282246310005": "amex [CARD]",
    "12 4111 1111 1111 1111": "12 [CARD]",
    "to DE89 3704 0044 0532 0130 00 and GB82WEST12345698765432": "to [IBAN] and [IBAN]",
    "account no. 12345678901": "account no. [ACCOUNT]",
    "Kontonummer: 1234567": "Kontonummer: [ACCOUNT]",
    "a/c 0012-345-678 was": "a/c [ACCOUNT] was",
    "call +49 30 1234567 or 0049 30 1234567": "call [PHONE] or [PHONE]",
    "(212) 555-0123, 212-555-0123, 212.555.0123": "[PHONE], [PHONE], [PHONE]",
    "from 98765 43210 he called": "from [PHONE] he called",
    "030 1234567 and 01711234567": "[PHONE] and [PHONE]",
    "my mobile number is 5551234": "my mobile number is [PHONE]",
    "SSN 123-45-6789": "SSN [NATIONAL-ID]",
    "social security number 123456789": "social security number [NATIONAL-ID]",
    "NINO AB 12 34 56 C": "NINO [NATIONAL-ID]",
    "Aadhaar 2345 6789 0124": "Aadhaar [NATIONAL-ID]",
    "PAN abcpe1234f": "PAN [NATIONAL-ID]",
    "Steuer-ID 86 095 742 719": "Steuer-ID [NATIONAL-ID]",
    "Rentenversicherung 65 170839 J 003": "Rentenversicherung [NATIONAL-ID]",
    "NIR 2 55 08 14 168 025 38": "NIR [NATIONAL-ID]",
    "DNI 12345678Z, NIE X-1234567-L": "DNI [NATIONAL-ID], NIE [NATIONAL-ID]",
    "codice fiscale RSSMRA85T10A562S": "codice fiscale [NATIONAL-ID]",
    "CPF 529.982.247-25": "CPF [NATIONAL-ID]",
    "PESEL 44051401359": "PESEL [NATIONAL-ID]",
    "passport no. C01234567": "passport no. [NATIONAL-ID]",
}
LEFT = (
    "version 1.2.3.4 of the firmware",
    "127.0.0.1 and 0.0.0.0",
    "10.0.19045.3803",
    "4111 1111 1111 1112",  # fails Luhn
    "DE88 3704 0044 0532 0130 00",  # fails mod 97
    "order 9876543210",
    "4465 2056 9797 1890",  # no card, though its beginning could be an Aadhaar
    "ticket INC-9876543210",
    "12/09/2023 at 14:30:22 and 2024-05-11 14:30:22",
    "I lost 105,000,000.00 or 1.234.567,89",
    "CVE-2024-123456",
    "00:1A:2B:3C:4D:5E at 12:30:45",
    "d41d8cd98f00b204e9800998ecf8427e",
    "root@server01 said std::string",
    "see https://evil.example/a?b=1234 and evil.example",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "@asha and @bank",
    "account 20240511 and port 65535",
)


@pytest.mark.parametrize("text", FOUND)
def test_a_value_is_found(text: str) -> None:
    assert mask(text) == FOUND[text]


@pytest.mark.parametrize("text", LEFT)
def test_what_only_looks_like_one_is_left(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("a\u200bsha@ma\u200dil.example!", "[EMAIL]!"),
        ("４１１１ １１１１ １１１１ １１１１", "[CARD]"),
        ("٠٣٠ ١٢٣٤٥٦٧", "[PHONE]"),
        ("987\u206065\u00a043210", "[PHONE]"),
        ("asha＠mail．example", "[EMAIL]"),
        ("4\u03361\u03361\u03361\u0336-1111-1111-1111", "[CARD]"),
        ("paid by \u202eelpmaxe.liam@ahsa\u202c today", "paid by \u202e[EMAIL]\u202c today"),
        ("+49\u201130\u20111234567", "[PHONE]"),
        ("4111  1111\t1111 \n 1111", "[CARD]"),
        ("1234  5678 9012 on\n03/04\n2024", "1234  5678 9012 on\n03/04\n2024"),
    ],
)
def test_disguised_values_are_found_with_the_signs_between(text: str, masked: str) -> None:
    assert mask(text) == masked


WIDE = ["  ", "\t", "\x1f", "\x01", "\u00a0\u2003", " " * 20]
ENDS = ["\n", "\r\n", " \n ", "\v\f", "\u2028"]


@pytest.mark.parametrize("before", ["", "\u2800 "])
@pytest.mark.parametrize("gap", WIDE + ENDS)
def test_a_value_is_found_whatever_its_gaps_are(gap: str, before: str) -> None:
    """All of them wide, or a line ending in the first one."""
    # Without those of which a part is a value when it stands apart.
    left = {text: text for text in LEFT if not text.startswith(("DE88 3704 0044", "4465 2056"))}
    for text, masked in {**FOUND, **left}.items():
        spread = re.sub(r"(?<=[\d)]) (?=[\d(+])", gap, text, count=gap in ENDS)
        one_by_form = gap in ENDS and text in ON_ONE_LINE
        assert one_by_form or mask(before + spread).replace("\x01", " ").split() == (before + masked).split(), spread


ON_ONE_LINE = {"from 98765 43210 he called", "030 1234567 and 01711234567"}


@pytest.mark.parametrize(
    "text",
    ["I paid 65000\n45000 and lost it", "1234\n5678\n9012\n3456\n7890\n1234", "41111111\n11111111"],
)
def test_numbers_below_each_other_are_numbers(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("2024\n0049 30 1234567", "2024\n[PHONE]"),
        ("\u2800 1\n030 1234567", "\u2800 1\n[PHONE]"),
        ("social  security\tnumber  123456789", "social  security\tnumber  [NATIONAL-ID]"),
        ("customer  id\n12345678", "customer  id\n[ACCOUNT]"),
        ("call me on 98765\n43210", "call me on [PHONE]"),
        ("+49 30\n1234567", "[PHONE]"),
    ],
)
def test_gaps_before_and_within(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_places_are_those_of_the_text_as_it_was_written() -> None:
    text = "é\u200b to a\u200bsha@mail.example."
    assert find(text) == (Finding(6, 24, Kind.EMAIL),)
    assert text[6:24] == "a\u200bsha@mail.example"


def test_two_values_side_by_side_are_two_findings() -> None:
    assert [one.kind for one in find("asha@mail.example 203.0.113.7,4111111111111111")] == ["email", "ip", "card"]


def test_the_check_digits_are_those_of_their_sources() -> None:
    assert doctest.testmod(checks).attempted and not doctest.testmod(checks).failed


PIECES = ["asha@mail.example", "4111 1111 1111 1111", "+49 30 1234567", "203.0.113.7", " ", "1", "x", "-", ".", "@",
          "[at]", "call", "account", "DE89370400440532013000", "\u200b", "\u202e", "\n", "(", "["]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=200))
def test_whatever_the_text_places_are_in_order_and_inside_it(text: str) -> None:
    found = find(text)
    assert all(one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(st.lists(st.sampled_from(["asha@mail.example", "4111111111111111", "203.0.113.7", "word", "[EMAIL]"])))
def test_masking_twice_is_masking_once(words: list[str]) -> None:
    assert mask(mask(" ".join(words))) == mask(" ".join(words))


@given(
    st.lists(st.sampled_from([*PIECES, "word ", "Wörter … ", "слово ", "\n"]), max_size=8).map("".join),
    st.sampled_from([1, 8, 40]),
    st.integers(0, 900),
)
def test_the_beginning_is_that_of_the_masked_text(piece: str, times: int, most: int) -> None:
    text = piece * times
    assert beginning(text, most) == mask(text)[:most]


@pytest.mark.parametrize("place", range(270, 301, 5))
def test_a_value_that_crosses_the_end_of_a_beginning_is_masked(place: int) -> None:
    for value in ("DE89 3704 0044 0532 0130 00", f"{'a' * 90}@{'b' * 60}.example", "4111 1111 1111 1111"):
        text = "x " * (place // 2) + value + " y" * 10_000
        assert beginning(text, 300) == mask(text)[:300] and value[:5] not in beginning(text, 300)


def test_the_beginning_of_the_longest_text_is_masked_faster_than_the_text() -> None:
    text = ("call +49 30 1234567 or asha@mail.example " * 500)[:20_000]
    started = time.process_time()
    for _ in range(10):
        beginning(text, 300)
    shown = time.process_time() - started
    started = time.process_time()
    for _ in range(10):
        mask(text)
    assert 2 * shown < time.process_time() - started


@pytest.mark.parametrize(
    "piece",
    ["1 ", "4 ", "1", "@", "a", "a@", "a.", "[", ":", "1:", "1.", "account ", "call at on ", "0 12 ", "AB12", "DE12 ",
     "x [at] ", "a@b.co ", "+1 ", "call 1234567 ", "1-", "\u200b1", "::1 ", "1.2.3.4 ", "1)", "(0", "\u202e1", "A1",
     "1\n", "1\t\t", "(0\n"],
)  # fmt: skip
def test_the_longest_text_takes_a_moment_whatever_it_is(piece: str) -> None:
    started = time.process_time()
    find((piece * 20_000)[:20_000])
    assert time.process_time() - started < 3
