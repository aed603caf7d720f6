"""Features: names and values in one order, read before the event is added."""

import math

import pytest

from events.stream.aggregates import EntityState
from events.stream.features import Z_LIMIT, feature_names, features_of, rarity


def named(state, at, numbers, message="", counted=(1.0, 0.0), slots=1, fields=("failed",)):
    return dict(zip(feature_names(fields, ()), features_of(state, at, numbers, slots, message, counted), strict=True))


def state_of(*values):
    state = EntityState()
    for place, value in enumerate(values):
        state.add(60.0 * place, {0: value})
    return state


def test_names_and_values_have_one_length_for_any_number_of_fields():
    for numbers in ((), ("a",), ("a", "b", "c")):
        for categories in ((), ("x", "y")):
            row = features_of(EntityState(), 0.0, {}, len(numbers), "text", [0.0] * 2 * (1 + len(categories)))
            assert len(row) == len(feature_names(numbers, categories))


def test_an_entity_without_a_past_deviates_from_nothing():
    row = named(EntityState(), 10.0, {0: 14.0})
    assert (row["failed"], row["failed:z"], row["failed:delta"], row["entity:events"]) == (14.0, 0.0, 0.0, 0)


def test_deviation_is_told_against_the_past_alone():
    state = state_of(1.0, 2.0, 1.0, 2.0)
    row = named(state, 240.0, {0: 14.0})
    assert row["failed:z"] > 5
    assert row["failed:delta"] == pytest.approx(12.5, abs=0.1)
    assert row["entity:events"] == 4
    assert state.fields[0].n == 4


def test_a_change_after_constant_values_is_bounded():
    assert named(state_of(0.0, 0.0, 0.0), 200.0, {0: 1.0})["failed:z"] == Z_LIMIT
    assert named(state_of(7.0, 7.0, 7.0), 200.0, {0: 7.0})["failed:z"] == 0.0
    assert named(state_of(100.0, 100.0), 200.0, {0: 101.0})["failed:z"] < 0.1


def test_a_missing_value_is_no_number_and_never_zero():
    row = named(EntityState(), 0.0, {})
    assert math.isnan(row["failed"]) and math.isnan(row["failed:z"]) and math.isnan(row["failed:delta"])
    assert math.isnan(row["message:length"])


def test_the_message_is_measured():
    row = named(EntityState(), 0.0, {}, message="port 22")
    assert (row["message:length"], row["message:digits"]) == (7, pytest.approx(2 / 7))


def test_what_is_rarer_scores_higher_and_the_unseen_is_finite():
    assert rarity(0, 1000) > rarity(1, 1000) > rarity(500, 1000)
    assert rarity(0, 0) == 1.0
