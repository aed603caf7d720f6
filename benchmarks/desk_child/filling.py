"""Filling an installation."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.desk_child.around import write_around, write_finds
from benchmarks.desk_child.decisions import write_decisions
from benchmarks.desk_child.people import make_desk
from benchmarks.desk_child.plan import LABELLED, Planner
from benchmarks.desk_child.reports import numbered, write_reports
from classifier.models import Prediction
from config.store import reserve_ids
from incidents.models import Comment, Incident, Label, Observable, SecondOpinion

PIECE = 2_000
COUNTED = (Incident, Prediction, Label, Comment, Observable, SecondOpinion)


def fill(
    reports: int, seed: int = 1, now: dt.datetime | None = None, tell: Callable[[str], object] = lambda sentence: None
) -> dict[str, Any]:
    """Fill an empty, migrated installation; the same rows for the same seed and time, tokens aside."""
    assert not Incident.objects.exists(), "only an empty installation can be filled"
    started, now = time.monotonic(), now or timezone.now()
    rng = np.random.default_rng(seed)
    desk = make_desk(rng)
    planner = Planner(desk, reports, rng, now)
    for first in range(0, reports, PIECE):
        plan = planner.piece(range(first, min(first + PIECE, reports)))
        with transaction.atomic():
            ids = numbered(plan, reserve_ids(Label, sum(status in LABELLED for status in plan.status)))
            write_reports(plan, desk, ids, rng)
            write_decisions(plan, desk, ids, rng)
            write_around(plan, desk, ids, rng)
        tell(f"{plan.numbers.stop:,} of {reports:,} reports, {time.monotonic() - started:.0f} s")
    write_finds(desk, now)
    tidy()
    counts = {model._meta.verbose_name_plural: model._default_manager.count() for model in COUNTED}
    return {"seconds": round(time.monotonic() - started, 1), **{str(name): count for name, count in counts.items()}}


def tidy() -> None:
    """What PostgreSQL does by itself within a minute of so many changes; SQLite never does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
