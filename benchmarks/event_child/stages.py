"""Where the time of ingestion goes: functions of the product wrapped, each with the time that is its own."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from events.services import entities, ingest, micro_batch
from events.services.values import ValueBook
from events.stream.rules import RuleSet
from events.stream.templates import Templates

# Stage, and the functions whose own time it is: what they call of another stage is that stage's.
STAGES: dict[str, tuple[tuple[Any, str], ...]] = {
    "parse": ((ingest, "read"),),
    "tell repeats": ((micro_batch, "_new"),),
    "aggregate": ((micro_batch, "aggregate"), (entities, "load"), (entities, "save"), (ValueBook, "save")),
    "template": ((Templates, "of"),),
    "filter": ((RuleSet, "first"), (micro_batch, "add_hits")),
    "score": ((micro_batch, "judge"),),
    "record": ((micro_batch, "write"),),
    "detections": ((micro_batch, "evidence_of"), (micro_batch.detections, "fold")),
    "SQL": ((CursorWrapper, "execute"), (CursorWrapper, "executemany")),
    "commit": ((BaseDatabaseWrapper, "_commit"),),
}


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Seconds by stage while the block runs."""
    spent: dict[str, float] = defaultdict(float)
    inner: list[float] = []
    with ExitStack() as stack:
        for stage, places in STAGES.items():
            for owner, name in places:
                stack.enter_context(patch.object(owner, name, _timed(getattr(owner, name), stage, spent, inner)))
        yield spent


def _timed(function: Callable[..., Any], stage: str, spent: dict[str, float], inner: list[float]) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        inner.append(0.0)
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            taken = time.perf_counter() - started
            spent[stage] += taken - inner.pop()
            if inner:
                inner[-1] += taken

    return timed
