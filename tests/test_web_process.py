"""The web process answers pages and the API without torch or transformers in its memory."""

import os
import subprocess
import sys
from pathlib import Path

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


def told_by(program: str, home: Path) -> str:
    """What a fresh interpreter prints."""
    environment = {**os.environ, "CASELOOP_HOME": str(home), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_every_view_loads_no_model_library(tmp_path):
    assert told_by(PROGRAM, tmp_path) == "[]"


def test_the_model_core_needs_no_django(tmp_path):
    program = "import sys, classifier.ml.t5, classifier.ml.training; print('django' in sys.modules)"
    assert told_by(program, tmp_path) == "False"


def test_a_command_starts_without_the_libraries_that_take_seconds_to_load(tmp_path):
    program = "import sys, django; django.setup(); print(sorted({'sklearn', 'scipy', 'pandas'} & set(sys.modules)))"
    assert told_by(program, tmp_path) == "[]"
