"""Rows that no test stores."""

from typing import Any

from events.models import Event


def event(message: str = "", percentile: float | None = None, **fields: Any) -> Event:
    return Event(fields={"message": message} | fields, percentile=percentile)
