"""`python -m tests.chaos.ingester PLAN`: processes that ingest their batches, die by SIGKILL as planned, and come back.

PLAN is a JSON file: "source", "seed", "deaths" (share of batches; half before their commit, half after it and before
the acknowledgement), "deliveries": per process a list of batches of [text, place]. What a process has acknowledged
stands in a file beside the plan, and nothing else outlives it.
"""

import json
import os
import random
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from events.models import EventSource  # noqa: E402 (models need Django's registry)
from events.services.ingest import Intake  # noqa: E402
from events.stream.event import Line  # noqa: E402


def main(plan_file: Path) -> int:
    """Keep one process a delivery at work until all are done; how many have died on the way."""
    plan = json.loads(plan_file.read_text())
    running = {start(plan, plan_file.parent, number, 0): (number, 0) for number in range(len(plan["deliveries"]))}
    deaths = 0
    while running:
        pid, status = os.wait()
        number, attempt = running.pop(pid)
        if os.WIFSIGNALED(status):
            deaths += 1
            running[start(plan, plan_file.parent, number, attempt + 1)] = (number, attempt + 1)
        elif os.waitstatus_to_exitcode(status):
            raise SystemExit(f"process {number} failed")
    return deaths


def start(plan: dict[str, Any], folder: Path, number: int, attempt: int) -> int:
    """A fork, as Celery's: no connection is open in the parent."""
    if pid := os.fork():
        return pid
    status = 1
    try:
        ingest(plan, folder / f"acknowledged-{number}", number, attempt)
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def ingest(plan: dict[str, Any], acknowledged: Path, number: int, attempt: int) -> None:
    dice = random.Random(f"{plan['seed']} {number} {attempt}")
    batches = plan["deliveries"][number]
    intake = Intake(EventSource.objects.get(name=plan["source"]), format="json")
    done = int(acknowledged.read_text()) if acknowledged.exists() else 0
    for place in range(done, len(batches)):
        fate = dice.random() / plan["deaths"]
        lines = [Line(text.encode(), f"delivery {number}", offset) for text, offset in batches[place]]
        intake.take(lines, before_commit=die if fate < 0.5 else lambda: None)
        if fate < 1:
            die()
        acknowledged.write_text(str(place + 1))


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives SIGKILL")


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1]))}\n")
