"""Figures of many slots in one query, each slot a range of one index.

Written by hand: the ORM would look at every row once for every slot, or call a Python function for every row.
The names of tables and columns come from the modules that count, never from a request.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from incidents.services.dashboard_span import Slot

Seconds = NDArray[np.int64]
_JOINED = {"sqlite": "group_concat({})", "postgresql": "string_agg({}::text, ',')"}


def counted(table: str, column: str, also: str = "") -> str:
    """For `per_slot`: the number of rows whose column falls into the slot, and that `also` holds for."""
    return f"(SELECT count(*) FROM {table} WHERE {_within(column, also)})"  # nosec B608 # noqa: S608 - see above


def listed(table: str, column: str, value: str) -> str:
    """For `per_slot`: the values of the rows whose column falls into the slot, for `numbers`."""
    joined = _JOINED[connection.vendor].format(value)
    return f"(SELECT {joined} FROM {table} WHERE {_within(column, f'{value} IS NOT NULL')})"  # nosec B608 # noqa: S608 - see above


def numbers(joined: str | None) -> Seconds:
    """The values that `listed` joined, in order of size."""
    return np.sort(np.fromstring(joined or "", dtype=np.int64, sep=","))


def quantile(ordered: Seconds, part: float) -> int | None:
    """The value that this part of the others does not exceed; None without any."""
    return int(ordered[min(ordered.size - 1, int(ordered.size * part))]) if ordered.size else None


def per_slot(slots: Sequence[Slot], *figures: str, values: Sequence[str] = ()) -> list[list[Any]]:
    """One row for each slot: the figures in their order; `values` stand where these have a %s."""
    rows = ", ".join(["(%s, %s, %s)"] * len(slots))
    sql = f"WITH slot (n, since, until) AS (VALUES {rows}) SELECT {', '.join(figures)} FROM slot ORDER BY n"  # nosec B608 # noqa: S608 - see above
    moments: list[Any] = [
        part for n, slot in enumerate(slots) for part in (n, _moment(slot.since), _moment(slot.until))
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*moments, *values])
        return [list(row) for row in cursor.fetchall()]


def _within(column: str, also: str) -> str:
    return f"{column} >= since AND {column} < until" + (f" AND {also}" if also else "")


def _moment(at: dt.datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at.astimezone(dt.UTC))
