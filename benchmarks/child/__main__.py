"""A process of the product that does what its parent asks: JSON lines in, a JSON line out for each.

`python -m benchmarks.child MODULE`: the module's ACTIONS name what it can be asked. Django's settings hold for a whole
process, so each database that is measured has one of these.
"""

import json
import os
import sys
import traceback
from importlib import import_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()


def main(module: str) -> None:
    actions = import_module(module).ACTIONS  # models need Django's registry
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever logs does not get among the answers
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = actions[asked.pop("action")](**asked)
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")


main(sys.argv[1])
