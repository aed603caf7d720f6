"""Cells that are numbers, and names that must fit."""

import math

import pytest

from events.stream.formats.values import fitted, number_in, typed


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("5", 5), ("0", 0), ("-5", -5), (".5", 0.5), ("0.10", 0.1), ("1e3", 1000.0), ("true", True), ("False", False),
        ("007", "007"), ("1_000", "1_000"), ("-", "-"), ("--5", "--5"), ("1.2.3", "1.2.3"), ("5 apples", "5 apples"),
        ("1" * 19, "1" * 19), ("." + "1" * 90, "." + "1" * 90), ("", ""), ("²", "²"),
        ("inf", math.inf), ("-inf", -math.inf),
    ],
)  # fmt: skip
def test_a_cell_is_a_number_a_truth_value_or_text(cell, value):
    assert typed(cell) == value
    assert type(typed(cell)) is type(value)


def test_nan_is_a_float_that_is_no_number():
    assert math.isnan(typed("NaN"))


@pytest.mark.parametrize(
    ("text", "number"), [("5", 5), ("007", 7), ("+5", 5.0), ("x", None), ("", None), ("1_0", None)]
)
def test_a_text_spells_a_number_or_none(text, number):
    assert number_in(text) == number


def test_long_names_are_cut_and_stay_apart():
    assert fitted("short", 200) == "short"
    assert len(fitted("a" * 201, 200)) == 200
    assert fitted("a" * 201, 200) != fitted("a" * 202, 200)
