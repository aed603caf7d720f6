"""How many jobs make a batch."""

import pytest

from workers.pace import Pace


@pytest.mark.parametrize(
    ("seconds_each", "size"), [(0.001, 64), (0.5, 10), (1.0, 5), (60.0, 1)], ids=["fast", "mid", "slow", "very slow"]
)
def test_a_batch_is_what_measured_speed_does_in_five_seconds(seconds_each: float, size: int) -> None:
    pace = Pace()
    pace.learn("classify", 4, 4 * seconds_each)
    assert pace.batch("classify", 64) == size


def test_before_anything_is_measured_a_batch_is_small() -> None:
    assert Pace().batch("classify", 64) == 8
    assert Pace().batch("train", 1) == 1


def test_kinds_are_measured_apart_and_one_odd_batch_does_not_decide() -> None:
    pace = Pace()
    pace.learn("classify", 1, 0.5)
    pace.learn("classify", 1, 1.5)
    assert pace.batch("classify", 64) == 5
    assert pace.batch("embed", 64) == 8
