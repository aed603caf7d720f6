"""Features: names in the order of the columns, messages measured, rarity told."""

import math

import numpy as np

from events.stream.aggregates import States
from events.stream.features import feature_names, message_features, rarity


def test_there_is_a_name_for_every_column():
    for numbers in ((), ("a",), ("a", "b", "c")):
        for categories in ((), ("x", "y")):
            states = States.empty(1, len(numbers))
            read = states.read(np.zeros(1, np.int64), np.array([1.0]), np.ones((1, len(numbers))))
            columns = read.shape[1] + message_features(["text"]).shape[1] + 2 * (1 + len(categories))
            assert columns == len(feature_names(numbers, categories))


def test_messages_are_measured_and_a_missing_one_is_no_number():
    rows = message_features(["port 22", ""])
    assert rows[0].tolist() == [7, 2 / 7]
    assert np.isnan(rows[1]).all()


def test_what_is_rarer_scores_higher_and_the_unseen_is_finite():
    assert rarity(0, 1000) > rarity(1, 1000) > rarity(500, 1000)
    assert rarity(0, 0) == 1.0
    assert math.isfinite(rarity(0, 10**12))
