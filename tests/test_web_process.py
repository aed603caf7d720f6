"""The web process answers pages and the API without torch or transformers in its memory."""

import os
import subprocess
import sys

PROGRAM = """
import sys
import config.wsgi
from django.urls import get_resolver

def names(patterns):
    for one in patterns:
        names(getattr(one, "url_patterns", []))

names(get_resolver().url_patterns)
import incidents.services.importing, incidents.services.reviewing, classifier.services.training
print(sorted({"torch", "transformers", "sentencepiece"} & set(sys.modules)))
"""


def test_importing_every_view_loads_no_model_library(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "CASELOOP_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_model_core_needs_no_django():
    program = "import sys, classifier.ml.t5, classifier.ml.training; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_command_starts_without_the_libraries_that_take_seconds_to_load(tmp_path):
    program = "import sys, django; django.setup(); print(sorted({'sklearn', 'scipy', 'pandas'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "CASELOOP_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
