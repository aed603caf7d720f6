"""What every page says about the workers."""

import time
from typing import Any

from django.http import HttpRequest

from classifier.wording import duration
from workers import status

KEPT_SECONDS = 5.0
QUEUE = "inference"

_kept: tuple[float, str] = (0.0, "")


def work_banner(request: HttpRequest) -> dict[str, Any]:
    """`work_banner`: one sentence while no worker classifies, else "". Asks the database every 5 s at most."""
    global _kept
    until, text = _kept
    if time.monotonic() >= until:
        text = _sentence(status.seconds_without_worker(QUEUE))
        _kept = (time.monotonic() + KEPT_SECONDS, text)
    return {"work_banner": text}


def _sentence(seconds: float | None) -> str:
    if seconds is None:
        return "No worker has been seen yet: reports are kept and are classified once one runs."
    if seconds <= status.LATE.total_seconds():
        return ""
    return f"No worker has been seen for {duration(seconds)}: reports are kept and are classified once one runs."
