import numpy as np
import pytest

from events.stream.detector_words import deviations, number


def said(name: str, value: float, *, share: float = 0.001, higher: bool = True, **others: float) -> str:
    names = [name, *others]
    row = np.array([value, *others.values()])
    usual = np.full(len(names), 0.5)
    far, near = usual.copy(), usual.copy() + 0.4
    far[0] = share
    left, right = (near, far) if higher else (far, near)
    (found,) = deviations(names, row, left, right, np.full(len(names), 5000), "user.name")
    return found.sentence


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("failed_logins", 14, "failed_logins 14: higher than in 99.9 % of recent events"),
        ("entity:events", 0, "this user's events so far are 0: higher than in 99.9 % of recent events"),
        ("entity:rate", 120.4, "this user's events an hour lately are 120: higher than in 99.9 % of recent events"),
        ("message:length", 1500, "1,500 characters in the message: higher than in 99.9 % of recent events"),
        ("message:digits", 0.4, "40% digits in the message: higher than in 99.9 % of recent events"),
        ("country:rarity", 10, "country seen in one of 1,024 events: rarer than in 99.9 % of recent events"),
        ("template:new_for_entity", 1, "log template is new for this user, unlike in 99.9 % of recent events"),
    ],
)
def test_each_kind_of_feature_has_its_words(name, value, sentence):
    assert said(name, value) == sentence


def test_a_field_is_compared_with_the_past_of_its_entity():
    assert said("bytes:delta", -40, higher=False, bytes=2) == (
        "bytes 2: below this user's own average of 42 by more than in 99.9 % of recent events"
    )
    assert said("bytes:z", 10, bytes=14) == (
        "bytes 14: 10 or more standard deviations above this user's own past, higher than in 99.9 % of recent events"
    )


def test_a_share_is_never_rounded_up_to_all():
    assert said("bytes", 9, share=0.0003).endswith("99.97 % of recent events")
    assert said("bytes", 9, share=0.00021).endswith("99.97 % of recent events")
    assert said("bytes", 9, share=1 / 5001).endswith("all of the last 5,000 events")


def test_a_common_value_is_no_reason_and_a_low_number_is():
    tails = np.array([0.001, 0.001]), np.array([1.0, 1.0])
    found = deviations(["country:rarity", "bytes"], np.zeros(2), *tails, np.full(2, 5000), "host.name")
    assert [one.feature for one in found] == ["bytes"]
    assert found[0].sentence == "bytes 0: lower than in 99.9 % of recent events"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (14, "14"), (2.1, "2.1"), (2.04, "2"), (0.25, "0.25"), (-3.55, "-3.5"), (1234567.8, "1,234,568"), (100, "100"),
        (1.2e30, "1.2e+30"), (0, "0"), (float("nan"), "unknown"), (float("-inf"), "without bound"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_people(value, text):
    assert number(value) == text
