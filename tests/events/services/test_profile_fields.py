"""Fields of events in figures, held against plain sums; whatever the values are."""

import math

import pytest

from events.services.profile_fields import BINS, MOST_FIELDS, FieldProfile, profile_fields


def field(*values: object, name: str = "x") -> FieldProfile:
    (found,), more = profile_fields([{name: value} for value in values])
    assert more == 0
    return found


def test_a_number_has_quantiles_mean_and_bins_that_hold_every_event() -> None:
    found = field(*range(101))
    assert (found.kind, found.distinct, found.mean) == ("number", 101, 50.0)
    assert [found.quantiles[name] for name in ("min", "25 %", "median", "95 %", "max")] == [0, 25, 50, 95, 100]
    assert [one.events for one in found.bins] == [5] * 20 + [1]
    assert (found.bins[0].low, found.bins[0].high) == (0.0, 5.0)
    assert found.top == ()


def test_numbers_with_fractions_have_bins_from_the_least_to_the_largest() -> None:
    found = field(*(number / 7 for number in range(100)))
    assert (len(found.bins), sum(one.events for one in found.bins)) == (BINS, 100)
    assert (found.bins[0].low, found.bins[-1].high) == (0.0, 99 / 7)


def test_missing_is_absent_null_empty_and_no_number() -> None:
    (found,), _ = profile_fields([{"x": 1.0}, {}, {"x": None}, {"x": ""}, {"x": math.nan}])
    assert (found.present, found.missing, found.share) == (1, 4, 0.8)


def test_values_come_with_their_shares_the_most_frequent_first() -> None:
    found = field("a", "b", "b", "c", name="event.action")
    assert [(one.name, one.events, one.share) for one in found.top] == [("b", 2, 0.5), ("a", 1, 0.25), ("c", 1, 0.25)]


def test_messages_are_counted_without_their_values() -> None:
    found = field("Failed from 10.0.0.1 port 22", "Failed from 10.0.0.2 port 23", name="message")
    assert [(one.name, one.events) for one in found.top] == [("Failed from <*> port <*>", 2)]
    assert found.distinct == 2


def test_a_field_of_several_types_is_told_as_mixed() -> None:
    found = field(1, "one", True, [1])
    assert (found.kind, found.distinct) == ("mixed", 4)
    assert found.mean == 1.0
    assert {one.name for one in found.top} == {"1", "one", "true", "[1]"}


def test_bins_grow_where_a_few_numbers_are_far_beyond_the_rest() -> None:
    found = field(*[1, 2, 3] * 30, 10**6)
    assert found.bins[0].high - found.bins[0].low < 2
    assert sum(one.events for one in found.bins) == 91


@pytest.mark.parametrize("values", [(1e308, -1e308, 0.0), (10**400, 1), (5, 5), (1e300, 1.0), (-0.0, 0), (1e-320, 1)])
def test_no_number_is_too_large_or_too_small(values: tuple[float, ...]) -> None:
    found = field(*values)
    assert sum(one.events for one in found.bins) == sum(one < 10**309 for one in values)
    assert all(math.isfinite(one) for one in found.quantiles.values())


def test_no_event_has_no_field_and_too_many_fields_are_counted() -> None:
    assert profile_fields([]) == ((), 0)
    fields, more = profile_fields([{f"f{number}": 1 for number in range(MOST_FIELDS + 3)}])
    assert (len(fields), more) == (MOST_FIELDS, 3)


def test_the_most_frequent_field_comes_first() -> None:
    fields, _ = profile_fields([{"b": 1, "a": 1}, {"b": 1}])
    assert [(one.name, one.share) for one in fields] == [("b", 0.0), ("a", 0.5)]
