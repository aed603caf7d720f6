"""The open reports' character n-grams, in this process's memory: what an unsaved text is compared with.

The newest MOST of the last DAYS days, 20 MB; as float16 they would be half of that, and take ten times as long to
compare. Filling it takes a few seconds, once a process, and is done by a thread of its own; from then on new reports
are added as they come, and once a minute those that are closed or erased are dropped.
"""

import datetime as dt
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connections
from django.db.models import QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from classifier.ml.neighbours import nearest
from classifier.ml.ngrams import DIMENSIONS, NgramSpace
from incidents.models import Incident
from incidents.texts import training_text

DAYS = 90
MOST = 5_000
FITTED_ON = 1_000  # newest texts that say how rare an n-gram is
CHECK_SECONDS = 60.0
Status = Incident.Status
OPEN = (Status.NEW, Status.CLASSIFIED, Status.IN_REVIEW, Status.SECOND_LOOK, Status.WAITING_REPORTER)


@dataclass(frozen=True, eq=False)
class _Memory:
    space: NgramSpace
    checked: float  # by time.monotonic
    reports: NDArray[np.int64]  # (N,) numbers, rising
    texts: NDArray[np.int64]  # (N,) numbers of their text revisions
    vectors: NDArray[np.float32]  # (N, DIMENSIONS)


_memory: _Memory | None = None
_filling = False
_lock = threading.Lock()


def open_reports() -> QuerySet[Incident]:
    """What an unsaved text may be like."""
    return Incident.objects.filter(status__in=OPEN, created_at__gte=timezone.now() - dt.timedelta(days=DAYS))


def is_filled() -> bool:
    return _memory is not None


def nearest_open(text: str, count: int) -> list[tuple[int, float]] | None:
    """(number, cosine) of the open reports worded most like a text, the nearest first; None while memory is filled."""
    if _memory is None:
        _fill_beside()
        return None
    with _lock:
        memory = _brought_up_to_date(_memory)
    query = memory.space.vectors([text])[0]
    places, cosines = nearest(memory.vectors, query, count)
    return [(int(memory.reports[place]), float(cosine)) for place, cosine in zip(places, cosines, strict=True)]


def likeness(one: str, other: str) -> float | None:
    """The cosine of two texts; None while memory is filled."""
    if _memory is None:
        _fill_beside()
        return None
    first, second = _memory.space.vectors([one, other])
    return float(first @ second)


def fill() -> None:
    """Read the open reports."""
    with _lock:
        rows = list(_columns(open_reports().order_by("-pk"))[:MOST])[::-1]
        space = NgramSpace.fit([training_text(title, text) for *_, title, text in rows[-FITTED_ON:]])
        nothing, no_vectors = np.empty(0, np.int64), np.empty((0, DIMENSIONS), np.float32)
        empty = _Memory(space, time.monotonic(), nothing, nothing, no_vectors)
        _keep(_with(empty, rows))


def forget() -> None:
    """Begin anew, as a fresh process does."""
    global _memory
    _memory = None


def _fill_beside() -> None:
    """Fill memory in a thread, so that no page waits for it."""
    global _filling
    with _lock:
        if _filling:
            return
        _filling = True
    threading.Thread(target=_fill_and_leave, name="alike-memory", daemon=True).start()


def _fill_and_leave() -> None:
    global _filling
    try:
        fill()
    finally:
        _filling = False
        connections.close_all()  # a thread has connections of its own


def _brought_up_to_date(memory: _Memory) -> _Memory:
    """With the reports that have come since; once a minute without those that are closed, erased or reworded."""
    now = time.monotonic()
    newest = int(memory.reports[-1]) if len(memory.reports) else 0
    if now - memory.checked < CHECK_SECONDS:
        added = list(_columns(open_reports().filter(pk__gt=newest).order_by("pk"))[:MOST])
        return _keep(_with(memory, added)) if added else memory
    wanted = dict(open_reports().order_by("-pk").values_list("pk", "current_text")[:MOST])
    kept = [wanted.get(pk) == text for pk, text in zip(memory.reports.tolist(), memory.texts.tolist(), strict=True)]
    here = np.array(kept, bool)
    left = _Memory(memory.space, now, memory.reports[here], memory.texts[here], memory.vectors[here])
    lacking = sorted(set(wanted) - set(left.reports.tolist()))
    rows = [row for part in _parts(lacking) for row in _columns(Incident.objects.filter(pk__in=part))]
    return _keep(_with(left, rows))


def _parts(numbers: Sequence[int], size: int = 500) -> list[Sequence[int]]:
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]


def _columns(rows: QuerySet[Incident]) -> "QuerySet[Incident, tuple[int, int, str, str]]":
    return rows.values_list("pk", "current_text", "current_text__title", "current_text__text")


def _with(memory: _Memory, rows: Sequence[tuple[int, int, str, str]]) -> _Memory:
    """With further reports, in the order of their numbers; the newest MOST."""
    numbers, texts = (np.array([row[column] for row in rows], np.int64) for column in (0, 1))
    vectors = memory.space.vectors([training_text(title, text) for *_, title, text in rows])
    reports = np.concatenate([memory.reports, numbers])
    order = np.argsort(reports, kind="stable")[-MOST:]
    return _Memory(
        memory.space,
        memory.checked,
        reports[order],
        np.concatenate([memory.texts, texts])[order],
        np.concatenate([memory.vectors, vectors])[order],
    )


def _keep(memory: _Memory) -> _Memory:
    global _memory
    _memory = memory
    return memory
