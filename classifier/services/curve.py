"""How loss and validation score went in a training: a bounded list of points, in the order of their steps."""

from collections.abc import Sequence
from typing import Any

Point = tuple[int, float | None, float | None]  # step, loss, validation score at the end of a pass
MOST = 400  # points; about as many as a chart has room for


def with_point(history: Sequence[Sequence[Any]], point: Point) -> list[list[Any]]:
    """The history with a newer point. What a killed attempt told of later steps falls away: it is done again.

    Over `MOST` points every second one within a pass is dropped; ends of passes stay.
    """
    kept = [list(one) for one in history if one[0] < point[0]]
    kept.append(list(point))
    return thinned(kept) if len(kept) > MOST else kept


def thinned(points: Sequence[list[Any]]) -> list[list[Any]]:
    return [one for place, one in enumerate(points) if one[2] is not None or place % 2 == 0]
