"""Times as products spell them."""

import pytest

from events.stream.formats.times import seconds

AT = 1714557600.0  # 2024-05-01 10:00:00 UTC


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-01T10:00:00Z", "2024-05-01T10:00:00", "2024-05-01 10:00:00", "2024-05-01T12:00:00+02:00",
        "2024-05-01T12:00:00.000000+0200", "2024-05-01 10:00:00.000 UTC", "2024/05/01 10:00:00", "20240501T100000Z",
        "May 01 2024 10:00:00", " 2024-05-01T10:00:00Z ", "2024-05-01T10:00:00.000000000Z",
        1714557600, 1714557600.0, "1714557600", "1714557600.0", 1714557600000, "1714557600000", 1714557600000000,
        1714557600000000000, "1714557600000000000",
    ],
)  # fmt: skip
def test_one_moment_in_many_spellings(value):
    assert seconds(value) == AT


def test_fractions_dates_and_leap_seconds():
    assert seconds("2024-05-01T10:00:00,25Z") == AT + 0.25
    assert seconds("20240501") == seconds("2024-05-01") == AT - 36000
    assert seconds("2016-12-31T23:59:60Z") == seconds("2016-12-31T23:59:59Z")
    assert seconds("0001-01-01T00:00:00Z") < 0


@pytest.mark.parametrize(
    "value",
    ["", "-", "10:00", "yesterday", "2024-13-01", "May", "May 1", "1" * 39, "9" * 10_000, "x" * 10_000, 0, -5, 1e300,
     float("nan"), float("inf"), True, None, [], {}, "١٢٣٤٥٦٧٨٩"],
)  # fmt: skip
def test_what_is_no_time_is_none(value):
    assert seconds(value) is None
