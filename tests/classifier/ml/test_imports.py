"""The model core stands alone: no Django, no Celery."""

import os
import subprocess
import sys

PROGRAM = """
import sys
import classifier.ml.t5, classifier.ml.t5_training, classifier.ml.training
print(sorted({"django", "celery", "incidents", "workers"} & set(sys.modules)))
"""


def test_a_t5_is_trained_and_served_without_django():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
