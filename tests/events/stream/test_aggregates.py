"""Aggregates against plain recomputation: exact, in any order, merged from any parts."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.stream.aggregates import (
    AT,
    DECAY,
    HALF_LIFE,
    HIGH,
    LOW,
    M2,
    MEAN,
    RING,
    TOTAL,
    WEIGHT,
    Z_LIMIT,
    N,
    States,
    added,
    faded,
)

START = 1.7e9


def stream(seed, count=60, entities=5, numbers=3):
    """Entities, times (some late) and values (some missing) of a stream."""
    rng = np.random.default_rng(seed)
    owner = np.concatenate([np.arange(entities), rng.integers(0, entities, count - entities)])
    at = START + np.cumsum(rng.exponential(300, count)) - 200 * (rng.random(count) < 0.1)
    values = 1e6 + rng.normal(0, 1, (count, numbers))
    values[rng.random(values.shape) < 0.2] = np.nan
    return owner, at, values


def processed(owner, at, values, size):
    """States and features after a stream in batches of a size."""
    states, features = States.empty(int(owner.max()) + 1, values.shape[1]), []
    for start in range(0, len(at), size):
        part = slice(start, start + size)
        here, local = np.unique(owner[part], return_inverse=True)
        one = states.take(here)
        features.append(one.read(local, at[part], values[part]))
        one.add(added(local, at[part], values[part], len(here)))
        states.put(here, one)
    return states, np.concatenate(features)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([2, 7, 60]))
def test_batches_of_any_size_give_the_same_states_and_features(seed, size):
    one, features_one = processed(*stream(seed), 1)
    many, features_many = processed(*stream(seed), size)
    np.testing.assert_allclose(features_many, features_one, rtol=1e-7, atol=1e-6)
    np.testing.assert_allclose(many.fields, one.fields, rtol=1e-9)
    np.testing.assert_allclose(many.weight, one.weight, rtol=1e-9)
    assert (many.events == one.events).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_moments_equal_the_textbook_also_far_from_zero(seed):
    owner, at, values = stream(seed, 200)
    states, _ = processed(owner, at, values, 64)
    for entity in range(5):
        for field in range(3):
            own = values[owner == entity, field]
            own = own[~np.isnan(own)]
            state = states.fields[entity, field]
            assert state[N] == len(own)
            if len(own) > 1:
                assert state[MEAN] == pytest.approx(own.mean(), rel=1e-12)
                assert state[M2] / (len(own) - 1) == pytest.approx(own.var(ddof=1), rel=1e-8)
                assert (state[LOW], state[HIGH]) == (own.min(), own.max())


def test_decayed_sums_are_those_of_all_events_whatever_their_order():
    owner, at, values = stream(1, 40, entities=1)
    states, _ = processed(owner, at, values, 16)
    there = ~np.isnan(values[:, 0])
    newest = at[there].max()
    weights = np.exp(-DECAY * (newest - at[there]))
    state = states.fields[0, 0]
    assert state[AT] == newest
    assert state[WEIGHT] == pytest.approx(weights.sum())
    assert state[TOTAL] == pytest.approx((weights * values[there, 0]).sum())


def features_of(*values, at=None, numbers=1):
    """Features of one entity's events, a minute apart."""
    times = np.array(at if at is not None else [START + 60.0 * place for place in range(len(values))])
    states = States.empty(1, numbers)
    return states.read(np.zeros(len(values), np.int64), times, np.array(values, float).reshape(-1, numbers))


def test_an_entity_without_a_past_deviates_from_nothing():
    assert features_of(14.0)[0].tolist() == [14.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_deviation_is_told_against_the_past_alone():
    value, z, delta, events, _, five, hour = features_of(1, 2, 1, 2, 14)[-1]
    assert (value, events, five, hour) == (14, 4, 4, 4)
    assert z > 5
    assert delta == pytest.approx(12.5, abs=0.1)


def test_a_change_after_constant_values_is_bounded():
    assert features_of(0, 0, 0, 1)[-1][1] == Z_LIMIT
    assert features_of(7, 7, 7, 7)[-1][1] == 0
    assert features_of(100, 100, 101)[-1][1] < 0.1


def test_what_is_missing_is_no_number_and_leaves_the_field_as_it_was():
    rows = features_of(5, np.nan, 7)
    assert np.isnan(rows[1][:3]).all()
    assert rows[2][2] == pytest.approx(2.0)
    assert rows[2][3] == 2


def test_one_huge_value_spoils_no_other_entity():
    owner, at, values = np.array([0, 1, 0, 1]), START + np.arange(4.0), np.array([[1e100], [1.0], [-1e100], [2.0]])
    rows = States.empty(2, 1).read(owner, at, values)
    assert rows[3][2] == pytest.approx(1.0)


def test_an_hour_halves_the_rate():
    rows = features_of(*[1] * 11, at=[START + 10.0 * place for place in range(10)] + [START + 90 + HALF_LIFE])
    assert rows[-1][4] == pytest.approx(5 * DECAY * 3600, rel=0.02)


def test_minutes_are_counted_to_the_minute_and_stay_bounded():
    at = [START // 60 * 60 + 60.0 * minute for minute in (0, 30, 57, 58, 60)]
    assert features_of(*[1] * 5, at=at)[-1][-2:].tolist() == [2, 3]
    owner, times = np.zeros(500, np.int64), START + 60.0 * np.arange(500)
    states, _ = processed(owner, times, np.ones((500, 1)), 50)
    assert states.counts.shape == (1, RING)
    assert states.read(np.zeros(1, np.int64), times[-1:], np.ones((1, 1)))[0][-2:].tolist() == [5, 60]


def test_years_between_two_events_fade_to_nothing_without_a_warning():
    with np.errstate(all="raise", under="ignore"):
        rows = features_of(1, 3, at=[0.0, 30 * 365 * 86400.0])
    assert rows[1].tolist() == [3.0, 0.0, 2.0, 1.0, 0.0, 0.0, 0.0]
    assert faded(np.array([1e12]))[0] == 0.0


def test_the_decay_is_that_of_the_half_life():
    assert math.exp(-DECAY * HALF_LIFE) == pytest.approx(0.5)
