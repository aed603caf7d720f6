"""Aggregates against plain recomputation: exact, in any order, merged from any parts."""

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.stream.aggregates import DECAY, HALF_LIFE, EntityState, Moments, faded

VALUES = st.lists(st.tuples(st.floats(-1e6, 1e6, allow_nan=False), st.floats(0, 1e6)), min_size=1, max_size=60)


def moments_of(pairs):
    first, *others = pairs
    moments = Moments.of(*first)
    for value, at in others:
        moments.add(value, at)
    return moments


def assert_alike(one, other):
    assert one.n == other.n and one.low == other.low and one.high == other.high and one.at == other.at
    assert one.mean == pytest.approx(other.mean, rel=1e-9, abs=1e-9)
    assert one.m2 == pytest.approx(other.m2, rel=1e-7, abs=1e-3)
    assert one.weight == pytest.approx(other.weight, rel=1e-9)
    assert one.total == pytest.approx(other.total, rel=1e-7, abs=1e-4)


@given(VALUES, st.randoms())
def test_parts_merge_in_any_order_to_what_adding_one_by_one_gives(pairs, rng):
    whole = moments_of(pairs)
    shuffled = pairs[:]
    rng.shuffle(shuffled)
    cut = rng.randint(0, len(shuffled) - 1)
    left = moments_of(shuffled[: cut + 1])
    if shuffled[cut + 1 :]:
        left.merge(moments_of(shuffled[cut + 1 :]))
    assert_alike(left, whole)


def test_moments_equal_the_textbook_also_far_from_zero():
    rng = random.Random(4)
    values = [1e6 + rng.gauss(0, 1) for _ in range(5000)]
    moments = moments_of([(value, 0.0) for value in values])
    assert moments.mean == pytest.approx(statistics.fmean(values), rel=1e-12)
    assert moments.variance == pytest.approx(statistics.variance(values), rel=1e-9)
    assert (moments.low, moments.high) == (min(values), max(values))


def test_one_value_has_no_variance():
    assert Moments.of(5.0, 0.0).variance == 0.0


def test_an_hour_halves_the_weight_and_a_late_event_enters_with_what_it_would_have_left():
    early, late = Moments.of(10.0, 0.0), Moments.of(20.0, HALF_LIFE)
    early.add(20.0, HALF_LIFE)
    late.add(10.0, 0.0)
    assert early.weight == pytest.approx(1.5) == late.weight
    assert early.decayed_mean == pytest.approx((10 * 0.5 + 20) / 1.5) == late.decayed_mean


def test_years_between_two_events_fade_to_nothing_without_an_error():
    moments = Moments.of(1.0, 0.0)
    moments.add(3.0, 30 * 365 * 86400.0)
    assert (moments.weight, moments.decayed_mean) == (1.0, 3.0)
    assert faded(1e12) == 0.0


def test_an_entity_counts_its_last_minutes_to_the_minute():
    state = EntityState()
    for minute in (0, 30, 57, 58, 60):
        state.add(minute * 60.0 + 1, {})
    assert state.lately(60 * 60.0 + 30) == (3, 4)
    assert state.lately(62 * 60.0) == (2, 4)
    assert state.events == 5


def test_the_rate_is_events_an_hour():
    state = EntityState()
    for second in range(0, 8 * 3600, 10):
        state.add(float(second), {})
    assert state.rate(8 * 3600.0) == pytest.approx(360, rel=0.01)
    assert state.rate(9 * 3600.0) == pytest.approx(180, rel=0.01)


def test_panes_stay_bounded():
    state = EntityState()
    for minute in range(10_000):
        state.add(minute * 60.0, {})
    assert len(state.panes) <= 121
    assert state.lately(9_999 * 60.0) == (5, 60)


def test_the_decay_is_that_of_the_half_life():
    assert math.exp(-DECAY * HALF_LIFE) == pytest.approx(0.5)
