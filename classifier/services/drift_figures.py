"""The figures of drift: one and the same for the page, the API and the command line. Reads rows only."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Q

from classifier.ml.report_drift import KINDS, RULE
from classifier.models import DriftAlarm, DriftLook, DriftReference, Promotion
from classifier.services.analysis_runs import CALLED_OFF
from classifier.services.drift_reference import KIND as REFERENCE
from classifier.services.report_drift import KIND, in_charge, waiting, window_size
from workers.models import Job

SHOWN = 60  # looks, the newest
MEASURED = Path(__file__).with_name("drift_measured.json")  # of benchmarks/results/report_drift.json, by its `brief`


@dataclass(frozen=True)
class Watching:
    """How far reports are watched: `promotion` of the champion, None without; `reads` tells whether it has read the
    reports that its answers are compared with. `waiting` of the `size` reports of the next look are there. `trouble`
    says why no look comes any more, or is empty."""

    promotion: Promotion | None
    reads: bool
    waiting: int
    size: int
    trouble: str
    looks: Sequence[DriftLook]
    alarms: Sequence[DriftAlarm]


def watching() -> Watching:
    """Of the champion; looks the oldest first, alarms of all champions the newest first."""
    promotion = in_charge()
    looks = DriftLook.objects.filter(promotion=promotion).order_by("-number")[:SHOWN] if promotion else []
    alarms = DriftAlarm.objects.select_related("look__promotion__version", "by").order_by("-pk")[:SHOWN]
    return Watching(
        promotion=promotion,
        reads=promotion is not None and DriftReference.objects.filter(version=promotion.version_id).exists(),
        waiting=waiting(promotion) if promotion else 0,
        size=window_size(),
        trouble=_trouble(promotion) if promotion else "",
        looks=list(looks)[::-1],
        alarms=list(alarms),
    )


def drift_figures() -> dict[str, Any]:
    """What JSON can hold; numbers and names, no report's text."""
    found = watching()
    return {
        "model": found.promotion.version.name if found.promotion else None,
        "in_charge_since": found.promotion.created_at.isoformat() if found.promotion else None,
        "window": found.size,
        "waiting": found.waiting,
        "trouble": found.trouble,
        "rule": {"level": RULE.level, "needed": RULE.needed, "of": RULE.of},
        "looks": [_look(look) for look in found.looks],
        "alarms": [_alarm(alarm) for alarm in found.alarms],
        "measured": measured(),
    }


def fired(look: DriftLook) -> list[str]:
    """The kinds whose test fired."""
    return [kind for kind in KINDS if kind in look.tests and look.tests[kind]["p"] <= RULE.level]


def strength(p: float) -> float:
    """How little chance explains it: 0 for p = 1, and 1 more for each power of ten."""
    return -math.log10(p)


@cache
def measured() -> dict[str, Any]:
    """What these tests are worth, as benchmarks/report_drift.py found: with its date, and rivals beside them."""
    found: dict[str, Any] = json.loads(MEASURED.read_text("utf-8"))
    return found


def _trouble(promotion: Promotion) -> str:
    """Of the latest job, which a person has to queue again once it has failed or was called off."""
    wanted = Q(kind=KIND, object_id=promotion.pk) | Q(kind=REFERENCE, object_id=promotion.version_id)
    job = Job.objects.filter(wanted).order_by("-pk").first()
    over = job is not None and job.status in {Job.Status.FAILED, Job.Status.CANCELLED}
    return (job.error or CALLED_OFF) if job and over else ""


def _look(look: DriftLook) -> dict[str, Any]:
    return {
        "id": look.pk,
        "number": look.number,
        "at": look.created_at.isoformat(),
        "reports": look.reports,
        "tests": look.tests,
        "unsure": look.unsure,
        "fired": fired(look),
        "words": look.words,
    }


def _alarm(alarm: DriftAlarm) -> dict[str, Any]:
    return {
        "id": alarm.pk,
        "kind": alarm.kind,
        "state": alarm.state,
        "model": alarm.look.promotion.version.name,
        "look": alarm.look.number,
        "at": alarm.created_at.isoformat(),
        "note": alarm.note,
        "by": alarm.by.username if alarm.by else None,
        "settled_at": alarm.settled_at.isoformat() if alarm.settled_at else None,
    }
