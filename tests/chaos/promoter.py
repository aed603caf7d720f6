"""`python -m tests.chaos.promoter CHAMPION CHALLENGER STRIDE`: promotes again and again, killed STRIDE steps later.

A step is a line of the promotion itself, of the transaction around it, or of its commit. Each try is a fork that dies
by SIGKILL; after it, standard output says what is in charge: one JSON list a try. The last try is not killed.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import connections  # noqa: E402 (models need Django's registry)

from classifier.models import ModelVersion, Promotion  # noqa: E402
from classifier.services.promotion import promote, rollback  # noqa: E402
from workers.models import Job  # noqa: E402

STEPS = ("classifier/services/promotion.py", "django/db/transaction.py")
COMMITS = {"commit", "_commit", "run_and_clear_commit_hooks"}


def main(champion: int, challenger: int, stride: int) -> None:
    step, killed = 0, True
    while killed:
        step += stride
        killed = try_once(challenger, step)
        sys.stdout.write(json.dumps([step, killed, *in_charge()]) + "\n")
        if ModelVersion.objects.get(pk=challenger).is_champion and killed:
            rollback(by=None)
        connections.close_all()  # no fork inherits one
    assert ModelVersion.objects.get(pk=champion).stage == ModelVersion.Stage.PREVIOUS


def try_once(challenger: int, step: int) -> bool:
    """Whether the try was killed before its end."""
    if pid := os.fork():
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
        return os.WIFSIGNALED(status)
    sys.settrace(dying_at(step))
    promote(ModelVersion.objects.get(pk=challenger), by=None)
    sys.settrace(None)
    os._exit(0)


def dying_at(step: int) -> Callable[[FrameType, str, Any], Any]:
    left = step

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        code = frame.f_code
        if not (code.co_filename.endswith(STEPS) or (code.co_name in COMMITS and "django/db" in code.co_filename)):
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def in_charge() -> list[Any]:
    """The champions' numbers, how many versions are their predecessors, promotions, comparisons asked for."""
    stages = ModelVersion.objects.order_by("pk").values_list("pk", "stage")
    champions = [pk for pk, stage in stages if stage == ModelVersion.Stage.CHAMPION]
    previous = sum(stage == ModelVersion.Stage.PREVIOUS for _, stage in stages)
    return [champions, previous, Promotion.objects.count(), Job.objects.filter(kind="compare").count()]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
