"""What every page says about the workers."""

import time
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from classifier.wording import duration
from workers import status

KEPT_SECONDS = 5.0
QUEUE = "inference"

_kept: tuple[float, float | None] = (0.0, None)  # until when, and the seconds without a worker


def work_banner(request: HttpRequest) -> dict[str, Any]:
    """`work_banner`: one sentence while no worker classifies, else "". Asks the database every 5 s at most."""
    global _kept
    until, seconds = _kept
    if time.monotonic() >= until:
        seconds = status.seconds_without_worker(QUEUE)
        _kept = (time.monotonic() + KEPT_SECONDS, seconds)
    return {"work_banner": _sentence(seconds)}


def _sentence(seconds: float | None) -> str:
    if seconds is None:
        return _("No worker has been seen yet: reports are kept and are classified once one runs.")
    if seconds <= status.LATE.total_seconds():
        return ""
    sentence = _("No worker has been seen for %(time)s: reports are kept and are classified once one runs.")
    return sentence % {"time": duration(seconds)}
