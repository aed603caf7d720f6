"""A process of the product that does what its parent asks: JSON lines in, a JSON line out for each.

Django's settings hold for a whole process, so each database that is measured has one of these.
"""

import json
import os
import sys
import traceback

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from benchmarks.event_child.actions import ACTIONS  # noqa: E402 (models need Django's registry)


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever logs does not get among the answers
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = ACTIONS[asked.pop("action")](**asked)
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")


main()
