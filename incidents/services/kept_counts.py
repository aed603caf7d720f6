"""Counts of many reports, kept in memory for a while: a list that people leaf through is not counted for each page.

What stands in the list is always read anew; only the numbers beside its filters and tabs may be a minute old, and those
of fewer than 5,000 reports never are.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, Thread
from typing import Any, TypeVar, cast

import structlog
from django.db import connections
from django.utils import timezone

log = structlog.get_logger("incidents.kept_counts")
T = TypeVar("T")

LARGE = 5_000  # reports from which a count is kept
MOST = 16  # counts in memory
FRESH_SECONDS = 10.0
OLDEST_SECONDS = 60.0

_kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
_at_work: set[Hashable] = set()
_lock = Lock()


def kept(key: Hashable, count: Callable[[], T], size: Callable[[T], int]) -> T:
    """What `count` counts. A large count is believed for 10 s, and then for up to a minute while it is counted anew
    beside the answer.
    """
    now = time.monotonic()
    with _lock:
        at, value = _kept.get(key, (-OLDEST_SECONDS, None))
    if now - at >= OLDEST_SECONDS:
        return _counted(key, count, size)
    if now - at >= FRESH_SECONDS:
        _count_beside(key, count, size)
    return cast(T, value)


def forget() -> None:
    """As after a start."""
    with _lock:
        _kept.clear()


def _counted(key: Hashable, count: Callable[[], T], size: Callable[[T], int]) -> T:
    at, value = time.monotonic(), count()
    with _lock:
        _kept.pop(key, None)
        if size(value) >= LARGE:
            _kept[key] = (at, value)
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    return value


def _count_beside(key: Hashable, count: Callable[[], T], size: Callable[[T], int]) -> None:
    """In a thread with a connection of its own, and the time zone of who asked; once at a time."""
    with _lock:
        if key in _at_work:
            return
        _at_work.add(key)
    zone = timezone.get_current_timezone()

    def work() -> None:
        try:
            with timezone.override(zone):
                _counted(key, count, size)
        except Exception:
            log.exception("counts_not_renewed")  # the next who asks tries again, at last by itself
        finally:
            connections.close_all()
            with _lock:
                _at_work.discard(key)

    Thread(target=work, name="count-beside", daemon=True).start()
