"""The points of a training's curve: in order, bounded, without what a killed attempt told of steps done again."""

from typing import Any

from classifier.services.curve import MOST, with_point


def told(points: list[tuple[int, float | None, float | None]]) -> list[list[Any]]:
    history: list[list[Any]] = []
    for point in points:
        history = with_point(history, point)
    return history


def test_points_are_kept_in_order() -> None:
    assert told([(5, 1.0, None), (10, 0.8, 0.5)]) == [[5, 1.0, None], [10, 0.8, 0.5]]


def test_what_is_done_again_takes_the_place_of_what_was_lost() -> None:
    lost = told([(10, 0.8, 0.5), (14, 0.7, None), (18, 0.6, None)])
    assert with_point(lost, (12, 0.75, None)) == [[10, 0.8, 0.5], [12, 0.75, None]]


def test_a_long_training_keeps_its_ends_of_passes_and_a_bounded_number_of_points() -> None:
    history = told([(step, 1 / step, 0.5 if step % 50 == 0 else None) for step in range(1, 3001)])
    assert len(history) <= MOST + 1
    assert [point[0] for point in history if point[2] is not None] == list(range(50, 3001, 50))
    steps = [point[0] for point in history]
    assert steps == sorted(steps) and steps[0] < 10 and steps[-1] == 3000
