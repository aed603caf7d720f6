"""Timing that survives a noisy machine: sides in turn, ratios within a round, medians over rounds."""

import time
from collections.abc import Callable, Mapping
from statistics import median

Seconds = dict[str, list[float]]  # per side one figure a round


def in_turn(
    sides: Mapping[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> Seconds:
    """Runs every side once a round, in order, after one round that is not counted."""
    for side in sides.values():
        side()
    taken: Seconds = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            start = clock()
            side()
            taken[name].append(clock() - start)
    return taken


def times_faster(side: list[float], than: list[float], side_reports: int = 1, than_reports: int = 1) -> float:
    """Median over rounds of how many times more reports a second `side` does; each may do its own number of reports."""
    ratios = (other / own for own, other in zip(side, than, strict=True))
    return median(ratios) * side_reports / than_reports
